/** A host of the sandbox and the domains of its rooms, normalised. */
export interface SandboxHost {
  host: string;
  muc: string[];
}

/** Are the hosts that the documented calls speak of. */
export const DEFAULT_SANDBOX_HOSTS: readonly SandboxHost[] = [
  { host: "example.com", muc: ["chat.example.org"] },
  { host: "localhost", muc: ["conference.localhost"] },
];
