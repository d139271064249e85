import { deepStrictEqual as equal, match, rejects } from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { CREDENTIALS, variables } from "./_testing.ts";
import { readProfile } from "./profile.ts";
import { readStorageAddress, readStorageSettings } from "./settings.ts";
import { STORAGE_VARIABLES } from "./variables.ts";

const CREDENTIALS_FILE = `[default]
aws_access_key_id = id-of-default
aws_secret_access_key = hush1

[studio]
aws_access_key_id=id-of-studio
aws_secret_access_key=hush2
aws_session_token=hush3
`;

const CONFIG_FILE = `[profile studio]
region = eu-west-1
services = farm
[services farm]
s3 =
  endpoint_url = https://farm.example.com:9000/store/
[profile plain]
endpoint_url = ftp://hush4
aws_access_key_id = id
aws_secret_access_key = hush5
[profile role]
role_arn = arn:aws:iam::1:role/x
source_profile = default
[profile bare]
region = x
`;

/** Returns variables that name files with profiles. */
async function withProfiles(test: (values: Record<string, string>) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE] = [join(folder, "credentials"), join(folder, "config")];
    await Deno.writeTextFile(AWS_SHARED_CREDENTIALS_FILE, CREDENTIALS_FILE);
    await Deno.writeTextFile(AWS_CONFIG_FILE, CONFIG_FILE);
    await test({ AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readProfile() finds the address and the credentials of a profile", async () => {
  await withProfiles(async (files) => {
    const settings = async (values: Record<string, string>) => {
      const env = variables({ ...files, ...values });
      return readStorageSettings(env, await readProfile(env));
    };
    equal(await settings({ AWS_PROFILE: "studio" }), {
      endpoint: "https://farm.example.com:9000/store",
      host: "farm.example.com:9000",
      region: "eu-west-1",
      accessKeyId: "id-of-studio",
      secretAccessKey: "hush2",
      sessionToken: "hush3",
    });
    const { host, accessKeyId } = await settings({ AWS_REGION: "us-west-2" });
    equal([host, accessKeyId], ["s3.us-west-2.amazonaws.com:443", "id-of-default"]);
    const own = await settings({ ...CREDENTIALS, AWS_PROFILE: "studio", AWS_ENDPOINT_URL: "http://a:1" });
    equal([own.accessKeyId, own.host, own.region], [CREDENTIALS.AWS_ACCESS_KEY_ID, "a:1", "us-east-1"]);
  });
});

Deno.test("readProfile() refuses profiles without keys, and shows no secret", async () => {
  await withProfiles(async (files) => {
    const refused = async (AWS_PROFILE: string, message: RegExp) => {
      const env = variables({ ...files, AWS_PROFILE });
      await rejects(async () => readStorageAddress(env, await readProfile(env)), (error: Error) => {
        match(error.message, message);
        return error.name === "UsageError" && !/hush/.test(error.message);
      });
    };
    await refused("none", /^s3: there is no profile "none" in .*; check AWS_PROFILE$/);
    await refused(
      "role",
      /^s3: cannot use the profile "role": it has role_arn instead of aws_access_key_id and .*--profile role /,
    );
    await refused("bare", /^s3: cannot use the profile "bare": it has no key instead/);
    await refused("plain", /^s3: cannot use endpoint_url of the profile: it must be such as/);
    const nothing = variables({ AWS_SHARED_CREDENTIALS_FILE: "/none", AWS_CONFIG_FILE: "/none" });
    equal(await readProfile(nothing), undefined);
  });
});

Deno.test("readProfile() needs no permission but to read files and its variables", async () => {
  await withProfiles(async (files) => {
    const module = import.meta.resolve("./locations.ts");
    const script = `const { readProfile } = await import(${JSON.stringify(module)});
      const { name, values } = await readProfile((name) => Deno.env.get(name));
      console.log(name, values.aws_access_key_id);`;
    const permissions = ["--allow-read", `--allow-env=HOME,USERPROFILE,${STORAGE_VARIABLES.join(",")}`, "--no-prompt"];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--config",
        fromFileUrl(new URL("../deno.json", import.meta.url)),
        ...permissions,
        `data:application/typescript,${encodeURIComponent(script)}`,
      ],
      env: { ...files, AWS_PROFILE: "studio" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    equal([code, text(stdout)], [0, "studio id-of-studio"], text(stderr));
  });
});
