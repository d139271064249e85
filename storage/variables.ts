/** Environment variables with the address and the credentials of the storage, or the files with them. */
export const STORAGE_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_S3",
  "AWS_PROFILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_CONFIG_FILE",
  // Folders in which those files are in Windows.
  "HOMEDRIVE",
  "HOMEPATH",
] as const;

/** Name of a variable of {@linkcode STORAGE_VARIABLES}. */
export type StorageVariable = typeof STORAGE_VARIABLES[number];

/** Reads an environment variable. */
export type ReadVariable = (name: StorageVariable) => string | undefined;
