package rest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"roster/auth"
)

// describe returns the OpenAPI 3.1 document of the routes.
func (a *API) describe() []byte {
	types := schemas{named: map[string]object{}, types: map[string]reflect.Type{}, codes: a.codes}
	paths := object{}
	for _, route := range a.routes {
		path := a.config.Root + route.Pattern
		if paths[path] == nil {
			paths[path] = object{}
		}
		paths[path].(object)[strings.ToLower(route.Method)] = route.describe(types)
	}
	problem := types.plain(reflect.TypeFor[Problem](), rules{})
	text, err := json.MarshalIndent(object{
		"openapi":           "3.1.0",
		"info":              object{"title": "Roster " + a.config.Name, "version": "1", "description": a.introduction()},
		"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"paths":             paths,
		"components": object{
			"schemas": types.named,
			"responses": object{"Problem": object{
				"description": "A refusal",
				"content":     object{mediaProblem: object{"schema": problem}},
			}},
			"parameters":      sharedParameters(),
			"securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer", "description": "A token of the server"}},
		},
		"security": []object{{"bearer": []string{}}},
	}, "", " ")
	if err != nil {
		panic(err) // of plain values
	}
	return text
}

// introduction explains the codes of problems.
func (a *API) introduction() string {
	var b strings.Builder
	b.WriteString(a.config.Introduction + " Refusals are problem documents (RFC 9457) with one of these codes:\n")
	for _, row := range a.codes {
		b.WriteString("\n- `" + string(row.Code) + "` (" + strconv.Itoa(row.Status) + "): " + row.Means)
	}
	return b.String()
}

func (route Route) describe(types schemas) object {
	o := object{
		"operationId": camel(route.Name),
		"summary":     route.Summary,
		"parameters":  route.parameters(types),
		"responses":   route.responses(types),
	}
	if route.Scope == auth.Open {
		o["security"] = []object{}
	} else {
		o["security"] = []object{{"bearer": []string{string(route.Scope)}}}
	}
	if body := route.body; body != nil {
		o["requestBody"] = object{
			"required": slices.ContainsFunc(route.members, func(m member) bool { return !m.optional }),
			"content":  content(types.plain(body, rules{}), route.media()...),
		}
	}
	return o
}

// parameters are those of the path, the query and the header.
func (route Route) parameters(types schemas) []object {
	list := []object{reference("AccountId"), reference("CorrelationId")}
	if route.Traits.Is(Tagged) && route.Method != http.MethodGet {
		list = append(list, reference("IfMatch"))
	}
	if route.Traits.Is(Tagged) && route.Method == http.MethodGet {
		list = append(list, reference("IfNoneMatch"))
	}
	for _, m := range route.path {
		list = append(list, m.parameterIn("path", types))
	}
	for _, m := range route.query {
		list = append(list, m.parameterIn("query", types))
	}
	return list
}

func (m member) parameterIn(place string, types schemas) object {
	p := object{"name": m.name, "in": place, "required": !m.optional, "schema": types.plain(m.kind, m.rules)}
	if m.rules.doc != "" {
		p["description"] = m.rules.doc
	}
	return p
}

func reference(parameter string) object {
	return object{"$ref": "#/components/parameters/" + parameter}
}

func sharedParameters() object {
	header := func(name, doc string) object {
		return object{"name": name, "in": "header", "description": doc, "schema": object{"type": "string"}}
	}
	return object{
		"AccountId":     header("x-account-id", "The account; it must be that of the token"),
		"CorrelationId": header("x-correlation-id", "1 to 128 characters of [A-Za-z0-9._:/+=-]; echoed, and kept in the history"),
		"IfMatch":       header("If-Match", "Entity tags of what the change is meant for"),
		"IfNoneMatch":   header("If-None-Match", "Entity tags that the client has; 304 if one is the present one"),
	}
}

// responses are the success, the statuses of the route's own codes, and the
// problem that everything else is.
func (route Route) responses(types schemas) object {
	all := object{"default": object{"$ref": "#/components/responses/Problem"}}
	success := object{"description": http.StatusText(route.Status)}
	if route.answers() {
		answer := content(types.plain(route.out, rules{}), mediaJSON)
		if lined, ok := reflect.Zero(route.out).Interface().(Lined); ok {
			answer[mediaLines] = object{"schema": types.plain(lined.Line(), rules{})}
		}
		success["content"] = answer
	}
	if route.Traits.Is(Tagged) {
		success["headers"] = object{"ETag": object{"required": true, "description": "Version of what is stored; what is looked up elsewhere, such as names of groups, is no part of it", "schema": object{"type": "string"}}}
	}
	all[strconv.Itoa(route.Status)] = success
	problem := types.plain(reflect.TypeFor[Problem](), rules{})
	byStatus := map[int][]string{}
	for _, c := range route.Codes {
		byStatus[types.codes.status(c)] = append(byStatus[types.codes.status(c)], string(c))
	}
	for status, list := range byStatus {
		all[strconv.Itoa(status)] = object{
			"description": http.StatusText(status) + ", also: " + strings.Join(list, ", "),
			"content":     object{mediaProblem: object{"schema": problem}},
		}
	}
	if route.Traits.Is(Tagged) && route.Method == http.MethodGet {
		all["304"] = object{"description": "The client has it"}
	}
	return all
}

// content is the same schema under each media type.
func content(schema object, media ...string) object {
	all := object{}
	for _, m := range media {
		all[m] = object{"schema": schema}
	}
	return all
}

// camel writes the name of an Operation as an identifier.
func camel(name string) string {
	var b strings.Builder
	up := false
	for _, c := range name {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(c))
			up = false
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
