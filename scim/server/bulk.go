package server

import "net/http"

// bulk answers 200 for every request that could be read; what became of each
// operation stands in the response (RFC 7644 section 3.7).
func (q *request) bulk() error {
	body, err := q.bodyWithin(q.call.Limits.BulkBody)
	if err != nil {
		return err
	}
	response, err := q.server.Provider.Bulk(q.r.Context(), q.call, body)
	if err != nil {
		return err
	}
	operations := response.Get("Operations")
	q.event.Results = operations.Len()
	q.w.writeJSON(http.StatusOK, response.AppendJSON(nil))
	return nil
}
