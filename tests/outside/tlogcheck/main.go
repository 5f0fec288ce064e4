// Tlogcheck is an outsider: it checks what this project publishes with the Go project's own implementation of signed notes and
// transparency logs (Debian package golang-golang-x-mod-dev), and shares no code with the project.
//
//	tlogcheck log DIR VKEY                the C2SP log in DIR: note, every bundle, every tile, the root
//	tlogcheck receipt FILE ENTRY VKEY     a .tlog-proof for the entry whose bytes are in the file ENTRY
//
// Exits 0 when everything fits, 1 with a sentence otherwise, 2 for wrong arguments.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// openCheckpoint verifies the note under vkey and reads its three lines.
func openCheckpoint(signed []byte, vkey string) (tlog.Tree, error) {
	var tree tlog.Tree
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tree, errors.New("checkpoint is not three lines")
	}
	if lines[0] != verifier.Name() {
		return tree, fmt.Errorf("origin %q is not the key's name", lines[0])
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || tree.N < 0 || strconv.FormatInt(tree.N, 10) != lines[1] {
		return tree, fmt.Errorf("size %q", lines[1])
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// hashes holds a log's stored hashes in Go's order.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("no stored hash %d", index)
		}
		found[i] = h[index]
	}
	return found, nil
}

// c2spPath turns Go's name of a tile into the one that C2SP gives.
func c2spPath(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// readBundle appends the entries of one bundle to the stored hashes.
func readBundle(stored hashes, first int64, width int, data []byte) (hashes, error) {
	for i := 0; i < width; i++ {
		if len(data) < 2 {
			return nil, errors.New("bundle ends early")
		}
		size := int(binary.BigEndian.Uint16(data))
		if len(data)-2 < size {
			return nil, errors.New("entry is cut off")
		}
		more, err := tlog.StoredHashes(first+int64(i), data[2:2+size], stored)
		if err != nil {
			return nil, err
		}
		stored = append(stored, more...)
		data = data[2+size:]
	}
	if len(data) != 0 {
		return nil, fmt.Errorf("%d bytes after the last entry", len(data))
	}
	return stored, nil
}

func checkLog(dir, vkey string) error {
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(signed, vkey)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	var stored hashes
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := int64(1 << tileHeight)
		if tree.N-first < width {
			width = tree.N - first
		}
		path := c2spPath(tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: int(width)})
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		if stored, err = readBundle(stored, first, int(width), data); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	// Debian's version of the package gives zeros for no entries; RFC 6962 says the hash of nothing.
	root := tlog.Hash(sha256.Sum256(nil))
	if tree.N > 0 {
		if root, err = tlog.TreeHash(tree.N, stored); err != nil {
			return err
		}
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries have root %v, the checkpoint says %v", root, tree.Hash)
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, tree.N) {
		// The list names every width on the way; a log must serve the ones of the sizes that it signed.
		if tile.W != 1<<tileHeight && int64(tile.W) != tree.N>>(tileHeight*uint(tile.L))%(1<<tileHeight) {
			continue
		}
		wanted, err := tlog.ReadTileData(tile, stored)
		if err != nil {
			return err
		}
		found, err := os.ReadFile(filepath.Join(dir, c2spPath(tile)))
		if err != nil {
			return err
		}
		if !bytes.Equal(wanted, found) {
			return fmt.Errorf("%s does not hold the hashes of its entries", c2spPath(tile))
		}
	}
	fmt.Printf("ok: %d entries, root %v\n", tree.N, tree.Hash)
	return nil
}

func checkReceipt(file, entryFile, vkey string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	head, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("not a tlog-proof without extra data")
	}
	index, err := strconv.ParseInt(lines[1][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return fmt.Errorf("hash line %q", line)
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint([]byte(signed), vkey)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if index >= tree.N {
		return fmt.Errorf("entry %d is not in a log of %d", index, tree.N)
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("ok: entry %d of %d\n", index, tree.N)
	return nil
}

func main() {
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "log":
		err = checkLog(os.Args[2], os.Args[3])
	case len(os.Args) == 5 && os.Args[1] == "receipt":
		err = checkReceipt(os.Args[2], os.Args[3], os.Args[4])
	default:
		fmt.Fprintln(os.Stderr, "usage: tlogcheck log DIR VKEY | tlogcheck receipt FILE ENTRY VKEY")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlogcheck:", err)
		os.Exit(1)
	}
}
