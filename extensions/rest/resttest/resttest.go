// Package resttest holds answers of an API against its OpenAPI document: whether
// the operation is in it, the status is one of its statuses, the media type and the
// body, or each of its lines, are as it says. Only for tests.
package resttest

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Document is an OpenAPI document. It may be used concurrently.
type Document struct {
	root     map[string]any
	lock     sync.Mutex // of the compiler
	compiler *jsonschema.Compiler
}

const location = "openapi.json"

// Parse reads a document. It fails if the document is no JSON, or if one of its
// schemas is none.
func Parse(text []byte) (*Document, error) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	root, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the document is no object")
	}
	d := &Document{root: root, compiler: jsonschema.NewCompiler()}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	d.compiler.AssertContent()
	if err := d.compiler.AddResource(location, v); err != nil {
		return nil, err
	}
	return d, d.compileAll()
}

// Operations lists what the document describes, as "GET /path", sorted.
func (d *Document) Operations() []string {
	var list []string
	for path, item := range object(d.root["paths"]) {
		for method := range object(item) {
			list = append(list, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(list)
	return list
}

// Check tells how an answer differs from what the document says of it, nil if it
// does not. The path is that of the request, without its query.
func (d *Document) Check(method, path string, status int, header http.Header, body []byte) error {
	template, operation := d.find(method, path)
	if operation == nil {
		return fmt.Errorf("the document has no operation %s %s", method, path)
	}
	pointer, response := d.response(template, method, operation, status)
	if response == nil {
		return fmt.Errorf("%s %s: the document has no answer %d", method, template, status)
	}
	if err := d.checkHeaders(response, header); err != nil {
		return fmt.Errorf("%s %s, %d: %w", method, template, status, err)
	}
	if err := d.checkBody(pointer, response, header, body); err != nil {
		return fmt.Errorf("%s %s, %d: %w", method, template, status, err)
	}
	return nil
}

// find returns the operation of a path; segments that are written out go before
// parameters.
func (d *Document) find(method, path string) (template string, operation map[string]any) {
	best := -1
	for candidate, item := range object(d.root["paths"]) {
		if n := fit(candidate, path); n > best {
			if op := object(object(item)[strings.ToLower(method)]); op != nil {
				best, template, operation = n, candidate, op
			}
		}
	}
	return template, operation
}

// fit returns how many segments of a path are written out in a template, -1 if
// it is not the path's.
func fit(template, path string) int {
	want, have := strings.Split(template, "/"), strings.Split(strings.TrimRight(path, "/"), "/")
	if len(want) != len(have) {
		return -1
	}
	n := 0
	for i := range want {
		switch {
		case want[i] == have[i]:
			n++
		case !strings.HasPrefix(want[i], "{"):
			return -1
		}
	}
	return n
}

func (d *Document) response(template, method string, operation map[string]any, status int) (pointer string, response map[string]any) {
	responses := object(operation["responses"])
	name := strconv.Itoa(status)
	if responses[name] == nil && status >= http.StatusBadRequest {
		name = "default"
	}
	response = object(responses[name])
	pointer = "/paths/" + escape(template) + "/" + strings.ToLower(method) + "/responses/" + name
	if ref, ok := response["$ref"].(string); ok {
		pointer = strings.TrimPrefix(ref, "#")
		response = d.at(pointer)
	}
	return pointer, response
}

// at returns the object that a JSON pointer leads to.
func (d *Document) at(pointer string) map[string]any {
	v := d.root
	for segment := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		v = object(v[strings.NewReplacer("~1", "/", "~0", "~").Replace(segment)])
	}
	return v
}

func (d *Document) checkHeaders(response map[string]any, header http.Header) error {
	for name, h := range object(response["headers"]) {
		if object(h)["required"] == true && header.Get(name) == "" {
			return fmt.Errorf("the header %s is missing", name)
		}
	}
	return nil
}

func (d *Document) checkBody(pointer string, response map[string]any, header http.Header, body []byte) error {
	content := object(response["content"])
	if content == nil {
		if len(body) > 0 {
			return fmt.Errorf("there is a body of %d bytes where the document has none", len(body))
		}
		return nil
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || content[media] == nil {
		return fmt.Errorf("the document has no content of type %q", header.Get("Content-Type"))
	}
	schema, err := d.compile(pointer + "/content/" + escape(media) + "/schema")
	if err != nil {
		return err
	}
	values := [][]byte{body}
	if media == "application/x-ndjson" {
		values = slices.Collect(bytes.Lines(body))
	}
	for _, text := range values {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		if err := schema.Validate(v); err != nil {
			return err
		}
	}
	return nil
}

// compileAll compiles every schema of the components, so that a reference to
// nothing is found.
func (d *Document) compileAll() error {
	for name := range object(object(d.root["components"])["schemas"]) {
		if _, err := d.compile("/components/schemas/" + escape(name)); err != nil {
			return err
		}
	}
	return nil
}

func (d *Document) compile(pointer string) (*jsonschema.Schema, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	return d.compiler.Compile(location + "#" + pointer)
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// escape writes a name as a segment of a JSON pointer in a fragment.
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name)
}
