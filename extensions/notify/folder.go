package notify

import (
	"errors"
	"fmt"
	html "html/template"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	text "text/template"

	"golang.org/x/text/language"
)

// loadTemplates reads the built-in templates and those of the folder, "" for
// none. Errors name every file that cannot work.
func loadTemplates(folder string) (*catalogue, error) {
	c := &catalogue{templates: map[place]template{}}
	inside, err := fs.Sub(builtIn, "templates")
	if err != nil {
		return nil, err
	}
	read := []*reader{{catalogue: c, root: inside, name: "built-in"}}
	if folder != "" {
		read = append(read, &reader{catalogue: c, root: os.DirFS(folder), name: folder})
	}
	for _, r := range read {
		r.folder()
		r.complete()
		if len(r.problems) > 0 {
			return nil, fmt.Errorf("templates: %w", errors.Join(r.problems...))
		}
	}
	return c, nil
}

// reader adds the templates of one folder to a catalogue.
type reader struct {
	*catalogue
	root     fs.FS
	name     string // of the folder, for errors
	found    []place
	problems []error
}

func (r *reader) fail(file string, err error) {
	r.problems = append(r.problems, fmt.Errorf("%s: %w", filepath.Join(r.name, file), err))
}

// folder reads <language>/<file> and <account>/<language>/<file>. A folder may be
// both: a language, by its files, and an account of that name, by its folders.
func (r *reader) folder() {
	for _, first := range r.list(".") {
		for _, second := range r.list(first) {
			below := path.Join(first, second)
			if info, err := fs.Stat(r.root, below); err != nil || !info.IsDir() {
				r.file(place{"", first, second}, below)
				continue
			}
			for _, third := range r.list(below) {
				r.file(place{first, second, third}, path.Join(below, third))
			}
		}
	}
}

// list returns what is in a folder, without hidden files. Links are followed, as
// folders that are mounted from a configuration consist of them.
func (r *reader) list(folder string) []string {
	entries, err := fs.ReadDir(r.root, folder)
	if err != nil {
		r.fail(folder, errors.New("is not a folder that can be read: templates are in <language>/ or <account>/<language>/"))
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

func (r *reader) file(p place, file string) {
	if tag, err := language.Parse(p.language); err != nil || tag.String() != p.language {
		r.fail(file, fmt.Errorf("%q is not a language tag such as en or de-AT", p.language))
		return
	}
	kind, _, known := describe(p.file)
	if !known {
		r.fail(file, errors.New("no message has a template of this name"))
		return
	}
	t, err := r.parse(file)
	if err == nil {
		err = try(t, kind, p.file)
	}
	var unread *fs.PathError
	switch {
	case errors.Is(err, ErrInvalid), errors.As(err, &unread):
		r.fail(file, err)
	case err != nil:
		r.problems = append(r.problems, err) // a template's own error tells file and line
	default:
		r.templates[p] = t
		r.found = append(r.found, p)
	}
}

// parse reads one template. A subject or an SMS does not end in the line break
// that its file ends in.
func (r *reader) parse(file string) (template, error) {
	source, err := fs.ReadFile(r.root, file)
	if err != nil {
		return nil, err
	}
	name, content := filepath.Join(r.name, file), string(source)
	const strict = "missingkey=error"
	switch {
	case strings.HasSuffix(file, htmlPart):
		return html.New(name).Option(strict).Parse(content)
	case strings.HasSuffix(file, subjectPart), strings.HasSuffix(file, smsPart):
		content = strings.TrimRight(content, "\r\n")
	}
	return text.New(name).Option(strict).Parse(content)
}

// complete refuses a message of which a language has some parts and not all: the
// others would be in another language.
func (r *reader) complete() {
	for _, p := range r.found {
		kind, channel, _ := describe(p.file)
		for _, part := range partsOf(channel) {
			missing := place{p.account, p.language, string(kind) + part}
			if r.find(missing) == nil {
				r.fail(path.Join(missing.account, missing.language, missing.file), errors.New("is missing, and nothing takes its place"))
			}
		}
	}
	slices.SortFunc(r.problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	r.problems = slices.CompactFunc(r.problems, func(a, b error) bool { return a.Error() == b.Error() })
}
