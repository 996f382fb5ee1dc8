import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { PATIENCE_MS } from "./patience.js";

const CHROMIUM = "/usr/bin/chromium";

/** What visitors type as a password. */
export const PASSWORD = "correct horse battery";

/** Is how a visitor's browser is set up. */
export interface VisitorOptions {
  /** In CSS pixels; absent: 1280. */
  width?: number;
  /** Absent: English. */
  locale?: string;
  /** Absent: light. */
  colorScheme?: "light" | "dark";
  /** Absent: on. */
  javaScriptEnabled?: boolean;
  /** Such as Europe/Berlin; absent: the machine's. */
  timezoneId?: string;
}

/**
 * Whether a suite can run in a browser. Where there is none the suite is reported as skipped by name,
 * but in CI it fails.
 */
export function browserIsThere(suiteName: string): boolean {
  if (existsSync(CHROMIUM)) return true;
  if (process.env.CI) throw new Error(`${suiteName} needs Chromium: run scripts/install-servers`);
  console.log(`skipped: ${suiteName} (no Chromium here; scripts/install-servers brings it)`);
  return false;
}

/** Starts a Chromium that every visitor of a test shares. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

/** Is somebody with a browser of their own, who notes what the pages should not do. */
export class WebVisitor {
  /** What a page should not have done: errors of scripts and policies, requests to other hosts. */
  readonly faults: string[] = [];
  /** The statuses of the pages that were loaded so far. */
  readonly statuses: number[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    readonly width: number,
    private readonly origin: string,
  ) {
    page.on("pageerror", (error) => this.faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
      const text = message.text();
      // Chromium says so of each page whose status is not a success, as that of a spent invite.
      const isStatus =
        /^Failed to load resource: the server responded with a status of [45]\d\d/.test(text);
      if (message.type() !== "log" && !isStatus) this.faults.push(`console: ${text}`);
    });
    page.on("response", (response) => {
      if (response.request().isNavigationRequest()) this.statuses.push(response.status());
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      const isOther = origin !== this.origin && protocol !== "data:";
      if (isOther) this.faults.push(`request: ${request.url()}`);
    });
  }

  /** @param url of the Doorman whose pages are visited */
  static async of(
    browser: Browser,
    url: string,
    options: VisitorOptions = {},
  ): Promise<WebVisitor> {
    const { width = 1280, locale = "en", ...rest } = options;
    const viewport = { width, height: 800 };
    const context = await browser.newContext({ viewport, locale, ...rest });
    context.setDefaultTimeout(PATIENCE_MS);
    return new WebVisitor(context, await context.newPage(), width, new URL(url).origin);
  }

  /** Opens a page and answers its status. */
  async open(url: string): Promise<number> {
    return (await this.page.goto(url))?.status() ?? 0;
  }

  /** Clicks what leads to another page, and answers that page's status. */
  async follow(selector: string): Promise<number> {
    const [response] = await Promise.all([
      this.page.waitForNavigation({ waitUntil: "load" }),
      this.page.click(selector),
    ]);
    return response?.status() ?? 0;
  }

  /** Types a name and, twice, a password into the form of a new account. */
  async fillIn(username: string, password = PASSWORD): Promise<void> {
    await this.page.fill("#username", username);
    await this.page.fill("#password", password);
    await this.page.fill("#repeat", password);
  }

  /** Answers what is said in the page's first heading. */
  heading(): Promise<string> {
    return this.page.innerText("h1");
  }

  /**
   * Answers everything that is wrong with the page as it is now: what axe-core calls serious or
   * critical, what is wider than the screen, targets too small for a finger, and the faults so far.
   */
  async findings(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    const serious = violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, help, nodes }) => `axe ${id}: ${help}: ${nodes.map(({ html }) => html).join()}`);
    const width = await this.page.evaluate("document.documentElement.scrollWidth");
    const wide = Number(width) > this.width ? [`${width} pixels wide on ${this.width}`] : [];
    const small = (await this.page.evaluate(`
      [...document.querySelectorAll("a.button, button, ul.apps a, summary, input:not([type=hidden]):not([type=checkbox]), .check label")]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
        .map((one) => "less than 44 pixels high: " + one.outerHTML)`)) as string[];
    return [...this.faults, ...serious, ...wide, ...small];
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
