import { describe, expect, test } from "vitest";

import { secretKindOfName } from "./secret-names.ts";
import { splitWords } from "./split-words.ts";

const secrets = `password Password PASSWORD newPassword old_password password2 passwordHash password_confirmation userPassword
  dbpassword PGPASSWORD passwd pwd passphrase sshPassphrase passcode user[password] smtp_pass pass auth.pass
  secret clientSecret client_secret CLIENT_SECRET secretKey secret_access_key AWS_SECRET_ACCESS_KEY jwtSecret secretValue
  token accessToken access_token refreshToken idToken authToken bearer_token sessionToken csrfToken X-Auth-Token botToken
  deviceToken resetToken passwordResetToken tokenHash tokens accessTokens oauth2Token TELEGRAM_BOT_TOKEN
  apiKey api_key apikey API-KEY x-api-key APIKey apiKeys stripeApiKey openai_key privateKey private_key signingKey
  encryptionKey masterKey accessKey webhookKey
  authorization Authorization proxy-authorization authHeader cookie Cookie cookies set-cookie Set-Cookie sessionCookie connect.sid
  otp otpCode totp totpSecret mfaSeed totp_seed mfaCode oneTimeCode twoFactorCode verificationCode smsCode recoveryCodes
  recovery_code backupCodes seedPhrase recoveryPhrase mnemonic
  pin PIN userPin cardPin pinCode pin_hash puk cvv CVV2 cvc securityCode cardNumber card_number cardNo ccNumber
  creditCardNumber primaryAccountNumber creditCard connectionString connection_string ConnectionStrings.connectionString
  jwt credentials magicLink securityAnswer PHPSESSID JSESSIONID SAMLResponse Passwort contraseña пароль 密码`;

const ordinary = `accessKeyId access_key_id keyId key id publicKey public_key sshPublicKey publishableKey primaryKey foreignKey
  partitionKey sortKey cacheKey idempotencyKey objectKey keyName translationKey monkey keyboard turkey
  nextToken next_page_token NextContinuationToken pageToken syncToken tokenType token_type tokenCount tokenId tokenIds token_expires_at
  tokenLimit tokenBucket tokenizer httpTokens maxTokens promptTokens totalTokens inputTokens cancellationToken tokenUri tokenEndpoint
  secretName secret_name secretArn secretId secretVersion secretsManager secretary secretariat
  passwordChangedAt password_updated_at passwordPolicy passwordLength passwordResetRequired passwordAttempts passwordless
  passwordExpiresAt bypass compass passenger passenger_name boardingPass passport passed passRate hasPassed
  cookieName cookieConsent cookiePolicy authorizationId authorizationStatus authorizedBy author authority authentication auth
  authMethod otpEnabled otpExpiresAt totpEnabled mfa mfaEnabled mfaMethod twoFactor seed randomSeed
  pinned pinnedAt pins mapPin spinner shippingPin_x opinion pinyin topping
  cvvResult cvcCheck card cardId cardBrand cardType last4 cardLast4 cardNumberLast4 cardNumbering orderNumber number phoneNumber
  loyaltyCardNumber libraryCardNumber code voucherCode couponCode countryCode postalCode errorCode statusCode zipCode qrCode
  credential credentialId sessionId session sid traceId requestId signature nonce state salt hash checksum
  connection connectionId user username email name role status description string answer link url header`;

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");

describe("the names of secrets", () => {
  test.each(words(secrets))("%s says that its value is a secret", (name) => {
    expect(secretKindOfName(name)).toBeDefined();
  });

  test.each(words(ordinary))("%s does not", (name) => {
    expect(secretKindOfName(name)).toBeUndefined();
  });

  test("say whether numbers and structures are covered", () => {
    expect(secretKindOfName("pin")).toBe("value");
    expect(secretKindOfName("tokens")).toBe("plural");
    expect(secretKindOfName("authorization")).toBe("text");
    expect(secretKindOfName("accessKey")).toBe("text");
  });

  test("are split at capitals, separators and digits", () => {
    expect(splitWords("APIKeyID_v2.user-name")).toEqual(["api", "key", "id", "v", "2", "user", "name"]);
    expect(splitWords("")).toEqual([]);
  });
});
