package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"roster/scim/schema"
)

// readSchemas reads the definitions in a file, or in the files of a folder whose
// names end in .json; "" has none. It says nothing of what is in them: see
// schema.Define.
func readSchemas(path string) ([]schema.Source, error) {
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the schemas: %w", err)
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = filesIn(path); err != nil {
			return nil, err
		}
	}
	sources := make([]schema.Source, len(files))
	var failure error
	for i, name := range files {
		text, err := readAtMost(name, schema.MaxSource+1) // one more, so that it is known to be too large
		failure = errors.Join(failure, err)
		sources[i] = schema.Source{Name: name, Text: text}
	}
	return sources, failure
}

// filesIn lists the files of a folder, in the order of their names. Other files,
// such as a README, and folders may be there too.
func filesIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read the schemas: %w", err)
	}
	var files []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".json" && !e.IsDir() {
			files = append(files, filepath.Join(folder, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("the folder %s holds no file whose name ends in .json: check --schemas, or leave it out", folder)
	}
	return files, nil
}

// readAtMost reads the beginning of a file. What is no file, such as a pipe, could
// be waited for for ever.
func readAtMost(name string, most int64) (string, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("read the schemas: %s is no regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read the schemas: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("read the schemas: %w", err)
	}
	return string(text), nil
}

// CheckSchemas reads and compiles the definitions in a file or folder. The error
// lists everything that is wrong with them.
func CheckSchemas(path string) ([]schema.Source, *schema.Definitions, error) {
	sources, err := readSchemas(path)
	if err != nil {
		return nil, nil, err
	}
	definitions, err := schema.Define(sources, Config{}.shipped()...)
	return sources, definitions, err
}
