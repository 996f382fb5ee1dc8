import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { GuessablePasswords, WRONG_PASSWORDS } from "../src/accounts/guessable-passwords.js";
import type { ChatAccounts } from "../src/chat-server/chat-accounts.js";
import { DoormanError } from "../src/errors/doorman-error.js";
import { suite } from "./support/suite.js";

const { signal } = new AbortController();

const guesses = suite<{ passwords: GuessablePasswords }>("guesses at passwords");

guesses.before.each((context) => {
  const accounts: Pick<ChatAccounts, "checkPassword"> = {
    checkPassword: async (_userJid, password) => password === "right",
  };
  context.passwords = new GuessablePasswords(accounts as ChatAccounts);
});

guesses("for an account stay limited while 10,050 other names are guessed", async (context) => {
  const { passwords } = context;
  for (let guess = 0; guess < WRONG_PASSWORDS; guess++) {
    assert.is(await check(passwords, "aaron@example.com", "wrong"), "wrong");
  }
  assert.is(await check(passwords, "aaron@example.com", "right"), "refused");
  for (let name = 0; name < 10_050; name++) {
    await check(passwords, `name${name}@example.com`, "wrong");
  }
  assert.is(await check(passwords, "aaron@example.com", "right"), "refused");
});

guesses("are not refused to the owners of other accounts", async ({ passwords }) => {
  for (let name = 0; name < 10_050; name++) {
    await check(passwords, `name${name}@example.com`, "wrong");
  }
  for (let login = 0; login < 2 * WRONG_PASSWORDS; login++) {
    assert.is(await check(passwords, "john@example.com", "right"), "right");
  }
});

async function check(passwords: GuessablePasswords, userJid: string, password: string) {
  try {
    return (await passwords.check(userJid, password, signal)) ? "right" : "wrong";
  } catch (error) {
    if (error instanceof DoormanError && error.reason === ErrorReason.TOO_MANY_CALLS) {
      return "refused";
    }
    throw error;
  }
}

guesses.run();
