package server

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"roster/scim"
)

// response writes one answer in the media type and encoding that the client asked
// for.
type response struct {
	http.ResponseWriter
	media string // of bodies
	gzip  bool   // large bodies may be compressed
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// negotiate reads Accept and Accept-Encoding (RFC 9110 section 12.5, RFC 7644
// section 3.8). A client that takes JSON under no name is answered in SCIM's own
// type all the same, with a 406.
func negotiate(to http.ResponseWriter, r *http.Request) (*response, error) {
	w := &response{to, scim.MediaType, quality(r.Header.Values("Accept-Encoding"), "gzip", "*") > 0}
	accept := r.Header.Values("Accept")
	if strings.Trim(strings.Join(accept, ""), " ,") == "" {
		return w, nil
	}
	own, plain := quality(accept, scim.MediaType, "application/*", "*/*"), quality(accept, "application/json", "application/*", "*/*")
	switch {
	case own > 0:
		return w, nil
	case plain > 0:
		w.media = "application/json"
		return w, nil
	}
	return w, scim.Errorf(http.StatusNotAcceptable, "", "the server answers in %s or application/json, which Accept excludes", scim.MediaType)
}

// quality returns the weight that a header gives to the first of the names that
// it has, and 0 if it has none: the names go from the most to the least specific.
func quality(header []string, names ...string) float64 {
	for _, name := range names {
		for item := range strings.SplitSeq(strings.Join(header, ","), ",") {
			value, parameters, _ := strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(value), name) {
				return weight(parameters)
			}
		}
	}
	return 0
}

func weight(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if strings.EqualFold(name, "q") {
			if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
				return q
			}
		}
	}
	return 1
}

// minCompressed is the size from which a body is worth compressing.
const minCompressed = 8 << 10

var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a valid level
	return z
}}

// writeJSON answers with a body. A client that went away needs no answer, so
// errors of writing are nobody's business.
func (w *response) writeJSON(status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", w.media)
	h.Add("Vary", "Accept, Accept-Encoding")
	if !w.gzip || len(body) < minCompressed {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body)
		return
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(w)
	_, _ = z.Write(body)
	_ = z.Close()
}

// prefersMinimal reports whether the client asks for no representation, and
// tells it that it gets none (RFC 7240 section 4.2).
func (q *request) prefersMinimal() bool {
	for item := range strings.SplitSeq(strings.Join(q.r.Header.Values("Prefer"), ","), ",") {
		preference, _, _ := strings.Cut(item, ";")
		name, value, _ := strings.Cut(strings.TrimSpace(preference), "=")
		if strings.EqualFold(strings.TrimSpace(name), "return") && strings.EqualFold(strings.Trim(strings.TrimSpace(value), `"`), "minimal") {
			q.w.Header().Set("Preference-Applied", "return=minimal")
			return true
		}
	}
	return false
}
