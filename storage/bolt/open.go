package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"roster/storage"
)

// Config says how to open a store.
type Config struct {
	// Path of the file. Required; it is made if it is not there, its folder is not.
	Path string
	// Indexes that are kept. One that the file does not have yet is built, one
	// that is no longer given is dropped, both in the background. Extract must not
	// look at Ordinal and Revision, which a new document does not have yet.
	Indexes []storage.Index
	// Logger for background work. Default: slog.Default().
	Logger *slog.Logger
	// LockTimeout is how long to wait for another process that holds the file.
	// Default: one second.
	LockTimeout time.Duration
	// NoSync leaves out the syncs: a power failure may lose or damage
	// everything. For tests and for loading what can be loaded again.
	NoSync bool
}

// Open opens the store at a path, and makes it if it is not there.
func Open(config Config) (*Store, error) {
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	if config.LockTimeout == 0 {
		config.LockTimeout = time.Second
	}
	if err := validateIndexes(config.Indexes); err != nil {
		return nil, err
	}
	if err := inspect(&config); err != nil {
		return nil, explain(config.Path, err)
	}
	db, err := bbolt.Open(config.Path, 0o600, options(&config))
	if err != nil {
		return nil, explain(config.Path, err)
	}
	s, err := start(db, &config)
	if err != nil {
		return nil, errors.Join(explain(config.Path, err), db.Close())
	}
	return s, nil
}

// options are those that were measured to be best: 8 KiB pages; a list of free
// pages that is made at open instead of being written with each commit; room to
// map a growing file, so that it is not mapped anew under slow readers.
func options(config *Config) *bbolt.Options {
	o := &bbolt.Options{
		Timeout:        config.LockTimeout,
		PageSize:       8192,
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
		NoStatistics:   true,
		NoSync:         config.NoSync,
	}
	if runtime.GOOS != "windows" && strconv.IntSize == 64 { // there, the file would be made that large
		o.InitialMmapSize = 1 << 30
	}
	return o
}

var (
	errForeign   = errors.New("it is no roster database")
	errTruncated = errors.New("it is shorter than it should be: restore a backup")
)

// inspect looks at an existing file before it is opened for writing, which
// reads all of it and would crash on one that is too short.
func inspect(config *Config) error {
	info, err := os.Stat(config.Path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	db, err := bbolt.Open(config.Path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: config.LockTimeout})
	if err != nil {
		return err
	}
	defer db.Close() // opened for reading only
	return db.View(func(tx *bbolt.Tx) error {
		if tx.Size() > info.Size() {
			return errTruncated
		}
		return testFormat(tx)
	})
}

// testFormat takes a file of this format or one that has nothing in it yet.
func testFormat(tx *bbolt.Tx) error {
	if b := tx.Bucket([]byte(fileBucket)); b != nil {
		if found := string(b.Get([]byte(formatKey))); found != format {
			return fmt.Errorf("it has the format %q, this version reads %q: serve it with the version that wrote it, or begin in a new folder", found, format)
		}
		return nil
	}
	if first, _ := tx.Cursor().First(); first != nil {
		return errForeign
	}
	return nil
}

// explain says what an error means for the file.
func explain(path string, err error) error {
	for _, damage := range []error{berrors.ErrInvalid, berrors.ErrVersionMismatch, berrors.ErrChecksum} {
		if errors.Is(err, damage) {
			return fmt.Errorf("open %s: %w, or it is damaged: %w", path, errForeign, err)
		}
	}
	if errors.Is(err, berrors.ErrTimeout) {
		return fmt.Errorf("open %s: another process holds it, such as a running server: stop that first, or use another folder", path)
	}
	return fmt.Errorf("open %s: %w", path, err)
}

// start brings the file in line with the configuration and begins to work.
func start(db *bbolt.DB, config *Config) (*Store, error) {
	s := &Store{db: db, logger: config.Logger}
	err := db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(fileBucket))
		if err != nil {
			return err
		}
		if err := b.Put([]byte(formatKey), []byte(format)); err != nil {
			return err
		}
		rows, err := b.CreateBucketIfNotExists([]byte(indexesBucket))
		if err != nil {
			return err
		}
		fresh := ready
		for range accountNames(tx, "") {
			fresh = building // there may be documents
			break
		}
		s.indexes, err = reconcile(rows, config.Indexes, fresh)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.writer = newCommitter(db, s.indexes)
	s.chores = newChores(s)
	if err := db.View(s.findChores); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
