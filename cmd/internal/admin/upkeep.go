package admin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"roster/storage"
)

// maxProblems is how many problems a report lists: enough to see what is wrong,
// few enough for a database where everything is.
const maxProblems = 100

// Check compares the indexes, edges, claims and counters of the whole store with
// its documents.
func (s *Service) Check(ctx context.Context, _ nothing) (Report, error) {
	checker, ok := s.Store.(storage.Checker)
	if !ok {
		return Report{}, errors.New("this storage engine cannot be checked")
	}
	report := Report{Problems: []string{}}
	err := checker.Check(ctx, func(problem string) {
		report.Count++
		if len(report.Problems) < maxProblems {
			report.Problems = append(report.Problems, problem)
		}
	})
	return report, err
}

// Backup writes a consistent copy of the whole store to a new file, readable by
// its owner only. If it fails, there is no file.
func (s *Service) Backup(ctx context.Context, path string) (Written, error) {
	backuper, ok := s.Store.(storage.Backuper)
	if !ok {
		return Written{}, errors.New("this storage engine cannot be backed up while it is open")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Written{}, fmt.Errorf("backup needs the name of a new file: %w", err)
	}
	size, err := copyTo(f, func(w io.Writer) error { return backuper.Backup(ctx, w) })
	if err != nil {
		return Written{}, errors.Join(fmt.Errorf("backup: %w", err), os.Remove(path))
	}
	return Written{Path: path, Bytes: size}, nil
}

// copyTo lets write fill the file, brings it to the disk and closes it.
func copyTo(f *os.File, write func(io.Writer) error) (size int64, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	buffered := bufio.NewWriterSize(f, 1<<20)
	if err := write(buffered); err != nil {
		return 0, err
	}
	if err := buffered.Flush(); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	return f.Seek(0, io.SeekCurrent)
}
