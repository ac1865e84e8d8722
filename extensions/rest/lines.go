package rest

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"reflect"
	"strings"
)

// mediaLines is the media type of one JSON value in each line.
const mediaLines = "application/x-ndjson"

// Lined is an answer whose elements may be asked for one in a line, by the header
// Accept, for programs that read logs.
type Lined interface {
	// Line is the type of an element.
	Line() reflect.Type
	// Lines are the elements.
	Lines() []any
	// After is what the parameter after must be for what follows, "" at the end. In
	// both forms, the header Link leads there (RFC 8288).
	After() string
}

// answerLined writes an answer in one of its two forms.
func answerLined(w http.ResponseWriter, r *http.Request, status int, body Lined) {
	h := w.Header()
	h.Add("Vary", "Accept")
	if after := body.After(); after != "" {
		query := r.URL.Query()
		query.Set("after", after)
		h.Set("Link", "<"+r.URL.EscapedPath()+"?"+query.Encode()+`>; rel="next"`)
	}
	if !wantsLines(r) {
		write(w, status, mediaJSON, body)
		return
	}
	var text bytes.Buffer
	for _, line := range body.Lines() {
		text.Write(encode(line))
	}
	writeText(w, status, mediaLines, text.Bytes())
}

// wantsLines reports whether lines are among what the client accepts by name.
func wantsLines(r *http.Request) bool {
	for accepted := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		media, parameters, err := mime.ParseMediaType(accepted)
		q, weighed := parameters["q"]
		refused := weighed && strings.Trim(q, "0.") == ""
		if err == nil && media == mediaLines && !refused {
			return true
		}
	}
	return false
}

// encode writes JSON in a line. What the handlers return can be encoded.
func encode(body any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(err)
	}
	return text.Bytes()
}
