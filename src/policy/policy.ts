/** Abilities of the product that a policy may switch off. All are on where it says nothing. */
export const FEATURES = ['import', 'export', 'tools', 'documents', 'temporaryChat'] as const;

export type Feature = (typeof FEATURES)[number];

/** Languages of the interface, which a policy may narrow. */
export const POLICY_LANGUAGES = ['en', 'de', 'es', 'fr', 'ar', 'ja'] as const;

/** A model that may run: by name, and where a hash is given only with exactly those bytes. */
export interface AllowedModel {
  readonly id: string;
  /** SHA-256 of the model's file, lower-case hexadecimal; null: whatever the site's manifest says. */
  readonly sha256: string | null;
}

/** A knowledge pack that the widget offers. */
export interface PolicyKnowledge {
  /** Absolute https address, or a path below the policy file. */
  readonly url: string;
  /** Ed25519 key that must have signed it, base64url of 32 bytes; null: any pack of this site. */
  readonly publicKey: string | null;
}

/** What the site's policy says, with the defaults filled in. */
export interface Policy {
  readonly policyVersion: 1;
  /** Who runs this; shown where something is refused. Empty: nobody said. */
  readonly organisation: string;
  readonly models: {
    /** Null: every model of the site, and files from disk. A list: these alone, and no files. */
    readonly allowed: readonly AllowedModel[] | null;
    readonly default: string | null;
    /** Folders that hold the same files as models/, asked in this order before the site itself. */
    readonly mirrors: readonly string[];
  };
  /** Takes the place of the models' own default; null: theirs. */
  readonly systemPrompt: string | null;
  /** Null: all. */
  readonly languages: readonly string[] | null;
  /** Origins whose pages may hold the widget, besides the own one. The server's header enforces it. */
  readonly frameAncestors: readonly string[];
  readonly features: Readonly<Record<Feature, boolean>>;
  /** Chats without activity for so many days are deleted; null: kept until the person deletes them. */
  readonly retentionDays: number | null;
  readonly vault: 'optional' | 'required';
  /** Said before the first download, by language; empty: the product's own words. */
  readonly consent: Readonly<Record<string, string>>;
  readonly widget: {
    /** `read`: the page that holds the widget may read the conversation. */
    readonly messages: 'none' | 'read';
    readonly knowledge: readonly PolicyKnowledge[];
    /** Origins that links of answers and sources may lead to, besides Sotto's own. */
    readonly linkOrigins: readonly string[];
  };
  /** There is none. The key exists so that an administrator can write that down, and nothing else. */
  readonly telemetry: 'none';
}

/** What holds where there is no policy file: everything the site offers, for everybody of its own origin. */
export const OPEN_POLICY: Policy = {
  policyVersion: 1,
  organisation: '',
  models: { allowed: null, default: null, mirrors: [] },
  systemPrompt: null,
  languages: null,
  frameAncestors: [],
  features: { import: true, export: true, tools: true, documents: true, temporaryChat: true },
  retentionDays: null,
  vault: 'optional',
  consent: {},
  widget: { messages: 'none', knowledge: [], linkOrigins: [] },
  telemetry: 'none',
};

/** What holds while the site's policy cannot be read: nothing comes in, nothing goes out, and nothing is deleted either. */
export const CLOSED_POLICY: Policy = {
  ...OPEN_POLICY,
  features: { import: false, export: false, tools: false, documents: false, temporaryChat: false },
};
