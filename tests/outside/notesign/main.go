// notesign signs any text as a C2SP note with the Go project's own note package and an OpenSSH key file. It is the writer that is not ours: the command line's
// tests use it for notes that our own signer refuses to make, such as one for another ledger.
//
//	notesign NAME KEYFILE <TEXT >NOTE
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"os"

	"golang.org/x/mod/sumdb/note"
)

// seed finds the private half in an unencrypted openssh-key-v1 file: a string of 64 bytes, seed and public key.
func seed(path string) (ed25519.PrivateKey, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(file)
	if block == nil {
		return nil, fmt.Errorf("%s: no PEM", path)
	}
	at := bytes.LastIndex(block.Bytes, []byte{0, 0, 0, 64})
	if at < 0 || at+68 > len(block.Bytes) {
		return nil, fmt.Errorf("%s: no private key", path)
	}
	return ed25519.PrivateKey(block.Bytes[at+4 : at+68]), nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: notesign NAME KEYFILE")
		os.Exit(2)
	}
	key, err := seed(os.Args[2])
	if err == nil {
		err = sign(os.Args[1], key)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func sign(name string, key ed25519.PrivateKey) error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	vkey, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	signerKey := fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, verifier.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...)))
	signer, err := note.NewSigner(signerKey)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(signed)
	return err
}
