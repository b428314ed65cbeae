// Calls what of libcrypto is written in assembly: which variant runs, the processor and OPENSSL_ia32cap decide.
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

static unsigned char data[4096], result[8192];

static void cipher(const char *name) {
  unsigned char key[64] = {1, 2, 3}, start[16] = {4};
  int size = 0;
  for (int i = 0; i < 64; i++) key[i] = (unsigned char)(3 * i + 1);
  EVP_CIPHER *method = EVP_CIPHER_fetch(0, name, 0);
  if (method == 0) return;
  for (int encrypts = 0; encrypts < 2; encrypts++) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (EVP_CipherInit_ex2(context, method, key, start, encrypts, 0)) {
      EVP_CipherUpdate(context, result, &size, data, 2048);
      EVP_CipherFinal_ex(context, result + size, &size);
    }
    EVP_CIPHER_CTX_free(context);
  }
  EVP_CIPHER_free(method);
}

static void digest(const char *name) {
  unsigned size = 0;
  EVP_MD *method = EVP_MD_fetch(0, name, 0);
  if (method == 0) return;
  EVP_Digest(data, sizeof data, result, &size, method, 0);
  EVP_MD_free(method);
}

static void sign(EVP_PKEY *key, const EVP_MD *method) {
  size_t size = sizeof result;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, 0, method, 0, key);
  EVP_DigestSign(context, result, &size, data, 100);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
}

static void agree(const char *name) {
  EVP_PKEY *own = EVP_PKEY_Q_keygen(0, 0, name), *other = EVP_PKEY_Q_keygen(0, 0, name);
  size_t size = sizeof result;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(own, 0);
  EVP_PKEY_derive_init(context);
  EVP_PKEY_derive_set_peer(context, other);
  EVP_PKEY_derive(context, result, &size);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(own);
  EVP_PKEY_free(other);
}

// Modular powers of numbers of various sizes: Montgomery multiplication has a variant for each.
static void power(int bits) {
  BN_CTX *context = BN_CTX_new();
  BIGNUM *base = BN_new(), *exponent = BN_new(), *modulus = BN_new(), *power = BN_new();
  BN_rand(modulus, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
  BN_rand(base, bits - 1, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
  BN_rand(exponent, 24, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
  BN_mod_exp(power, base, exponent, modulus, context);
  BN_set_flags(exponent, BN_FLG_CONSTTIME);
  BN_mod_exp(power, base, exponent, modulus, context);
  BN_GF2m_mod_mul(power, base, exponent, modulus, context);
  BN_CTX_free(context);
}

int main(void) {
  for (unsigned i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i * 7 + 1);
  const char *ciphers[] = {"AES-128-CBC", "AES-256-CTR", "AES-256-GCM", "AES-128-XTS", "AES-128-OCB", "AES-128-ECB",
    "AES-128-CCM", "ChaCha20", "ChaCha20-Poly1305", "CAMELLIA-128-CBC", "CAMELLIA-256-ECB",
    "AES-128-CBC-HMAC-SHA1", "AES-128-CBC-HMAC-SHA256", 0};
  for (int i = 0; ciphers[i]; i++) cipher(ciphers[i]);
  const char *digests[] = {"SHA3-256", "SHAKE128", "SHA1", "SHA256", "SHA512", "MD5", "BLAKE2B-512", 0};
  for (int i = 0; digests[i]; i++) digest(digests[i]);
  sign(EVP_PKEY_Q_keygen(0, 0, "EC", "P-256"), EVP_sha256());
  sign(EVP_PKEY_Q_keygen(0, 0, "EC", "sect163k1"), EVP_sha256());
  sign(EVP_PKEY_Q_keygen(0, 0, "ED25519"), 0);
  agree("X25519");
  agree("X448");
  for (int bits = 256; bits <= 2048; bits += 256) power(bits);
  return 0;
}
