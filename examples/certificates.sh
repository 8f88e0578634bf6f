#!/usr/bin/env bash
# Makes a test CA, and certificates of it for test-one and test-two, in the folder given. The keys are not encrypted: for tests only.
set -euo pipefail
cd "$1"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 365 -subj "/CN=Test CA" \
    -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem

for name in test-one test-two; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$name" \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext extendedKeyUsage=serverAuth,clientAuth \
        -keyout "$name.key" -out "$name.csr"
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -days 30 -copy_extensions copy -out "$name.pem"
done
