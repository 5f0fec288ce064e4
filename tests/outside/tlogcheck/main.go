// Tlogcheck is an outsider: it checks what this project publishes with the Go project's own implementation of signed notes and
// transparency logs (Debian package golang-golang-x-mod-dev), and shares no code with the project.
//
//	tlogcheck log DIR VKEY                the C2SP log in DIR: note, every bundle, every tile, the root
//	tlogcheck receipt FILE ENTRY VKEY     a .tlog-proof for the entry whose bytes are in the file ENTRY
//	tlogcheck trees MAX                   for each size up to MAX: the root, and a hash over every inclusion and consistency proof of that size
//	tlogcheck judge FILE VKEY             a verdict, 0 or 1, on each case of FILE (see judge)
//
// Exits 0 when everything fits, 1 with a sentence otherwise, 2 for wrong arguments.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
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

func checkReceiptFile(file, entryFile, vkey string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	index, tree, err := checkReceipt(text, entry, vkey)
	if err == nil {
		fmt.Printf("ok: entry %d of %d\n", index, tree.N)
	}
	return err
}

func checkReceipt(text, entry []byte, vkey string) (int64, tlog.Tree, error) {
	var tree tlog.Tree
	head, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return 0, tree, errors.New("not a tlog-proof without extra data")
	}
	number := lines[1][len("index "):]
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != number {
		return 0, tree, fmt.Errorf("index %q", number)
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, tree, fmt.Errorf("hash line %q", line)
		}
		proof = append(proof, hash)
	}
	if tree, err = openCheckpoint([]byte(signed), vkey); err != nil {
		return 0, tree, fmt.Errorf("checkpoint: %w", err)
	}
	if index < 0 || index >= tree.N {
		return 0, tree, fmt.Errorf("entry %d is not in a log of %d", index, tree.N)
	}
	return index, tree, tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// trees prints a line for each size: the root, and SHA-256 over the proofs of that size. Entry i is the decimal number i. The proofs are those of every
// entry, then those of every smaller size from 1 on, each as its hashes one after the other.
func trees(most int64) error {
	var stored hashes
	out := bufio.NewWriter(os.Stdout)
	for n := int64(0); n <= most; n++ {
		root := tlog.Hash(sha256.Sum256(nil))
		all := sha256.New()
		if n > 0 {
			more, err := tlog.StoredHashes(n-1, []byte(strconv.FormatInt(n-1, 10)), stored)
			if err != nil {
				return err
			}
			stored = append(stored, more...)
			if root, err = tlog.TreeHash(n, stored); err != nil {
				return err
			}
		}
		for i := int64(0); i < n; i++ {
			proof, err := tlog.ProveRecord(n, i, stored)
			if err != nil {
				return err
			}
			for _, hash := range proof {
				all.Write(hash[:])
			}
		}
		for m := int64(1); m <= n; m++ {
			proof, err := tlog.ProveTree(n, m, stored)
			if err != nil {
				return err
			}
			for _, hash := range proof {
				all.Write(hash[:])
			}
		}
		fmt.Fprintf(out, "%d %x %x\n", n, root[:], all.Sum(nil))
	}
	return out.Flush()
}

// fields reads a case: its kind, the number of fields, each field with its length; numbers are 32 bits, big-endian.
func fields(data []byte) (byte, [][]byte, []byte, error) {
	var list [][]byte
	if len(data) < 5 {
		return 0, nil, nil, errors.New("a case is cut off")
	}
	kind, count, data := data[0], binary.BigEndian.Uint32(data[1:]), data[5:]
	for ; count > 0; count-- {
		if len(data) < 4 || uint64(len(data)-4) < uint64(binary.BigEndian.Uint32(data)) {
			return 0, nil, nil, errors.New("a field is cut off")
		}
		size := binary.BigEndian.Uint32(data)
		list, data = append(list, data[4:4+size]), data[4+size:]
	}
	return kind, list, data, nil
}

func hashOf(field []byte) (hash tlog.Hash) {
	copy(hash[:], field)
	return hash
}

func proofOf(field []byte) (proof []tlog.Hash) {
	for ; len(field) > 0; field = field[tlog.HashSize:] {
		proof = append(proof, hashOf(field))
	}
	return proof
}

func number(field []byte) int64 { return int64(binary.BigEndian.Uint64(field)) }

// verdict on one case: n(note), c(heckpoint), r(eceipt, entry), i(nclusion: leaf, index, proof, size, root), t(ree consistency: old size, old root, size, root, proof).
func verdict(kind byte, f [][]byte, vkey string) error {
	switch kind {
	case 'n':
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return err
		}
		_, err = note.Open(f[0], note.VerifierList(verifier))
		return err
	case 'c':
		_, err := openCheckpoint(f[0], vkey)
		return err
	case 'r':
		_, _, err := checkReceipt(f[0], f[1], vkey)
		return err
	case 'i':
		return tlog.CheckRecord(proofOf(f[2]), number(f[3]), hashOf(f[4]), number(f[1]), hashOf(f[0]))
	case 't':
		return tlog.CheckTree(proofOf(f[4]), number(f[2]), hashOf(f[3]), number(f[0]), hashOf(f[1]))
	}
	return errors.New("unknown kind")
}

func judge(file, vkey string) error {
	data, err := os.ReadFile(file)
	out := bufio.NewWriter(os.Stdout)
	for err == nil && len(data) > 0 {
		var kind byte
		var list [][]byte
		if kind, list, data, err = fields(data); err == nil {
			said := byte('1')
			if verdict(kind, list, vkey) != nil {
				said = '0'
			}
			out.WriteByte(said)
		}
	}
	out.Flush()
	return err
}

func main() {
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "log":
		err = checkLog(os.Args[2], os.Args[3])
	case len(os.Args) == 5 && os.Args[1] == "receipt":
		err = checkReceiptFile(os.Args[2], os.Args[3], os.Args[4])
	case len(os.Args) == 3 && os.Args[1] == "trees":
		var most int64
		if most, err = strconv.ParseInt(os.Args[2], 10, 64); err == nil {
			err = trees(most)
		}
	case len(os.Args) == 4 && os.Args[1] == "judge":
		err = judge(os.Args[2], os.Args[3])
	default:
		fmt.Fprintln(os.Stderr, "usage: tlogcheck log DIR VKEY | receipt FILE ENTRY VKEY | trees MAX | judge FILE VKEY")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlogcheck:", err)
		os.Exit(1)
	}
}
