package server

import (
	"slices"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

// object builds a JSON object, leaving out null members: discovery documents
// have none, because clients fail on them.
type object []scim.Member

func (o object) add(name string, v scim.Value) object {
	if v.IsNull() {
		return o
	}
	return append(o, scim.Member{Name: name, Value: v})
}

func (o object) text(name, value string) object {
	if value == "" {
		return o
	}
	return o.add(name, scim.StringValue(value))
}

func (o object) flag(name string, value bool) object { return o.add(name, scim.BoolValue(value)) }

func (o object) value() scim.Value { return scim.ObjectValue(o...) }

func meta(resourceType, path string) scim.Value {
	return object{}.text("resourceType", resourceType).text("location", basePlace+path).value()
}

func texts(values []string) scim.Value {
	if len(values) == 0 {
		return scim.Value{}
	}
	list := make([]scim.Value, len(values))
	for i, v := range values {
		list[i] = scim.StringValue(v)
	}
	return scim.ArrayValue(list...)
}

// describeType is a resource of RFC 7643 section 6.
func describeType(rt *schema.ResourceType) scim.Value {
	var extensions []scim.Value
	for _, e := range rt.Extensions {
		extensions = append(extensions, object{}.text("schema", e.Schema.ID).flag("required", e.Required).value())
	}
	o := object{}.add("schemas", texts([]string{scim.SchemaResourceType})).
		text("id", rt.Name).text("name", rt.Name).text("endpoint", rt.Endpoint).text("description", rt.Description).text("schema", rt.Schema.ID)
	if len(extensions) > 0 {
		o = o.add("schemaExtensions", scim.ArrayValue(extensions...))
	}
	return o.add("meta", meta("ResourceType", "/ResourceTypes/"+rt.Name)).value()
}

// describeSchema is a resource of RFC 7643 section 7 for the attributes below
// root: the whole resource, or an extension. Attributes that every resource has
// are part of no schema. Without any it is null.
func describeSchema(rt *schema.ResourceType, root *schema.Attribute, p scim.Profile) scim.Value {
	s := rt.Schema
	for _, e := range rt.Extensions {
		if root.IsExtension() && e.Schema.ID == root.Schema {
			s = e.Schema
		}
	}
	if root != rt.Root && !root.IsExtension() {
		return scim.Value{}
	}
	var attributes []scim.Value
	for _, a := range root.Sub {
		if a.Schema == s.ID && !a.IsExtension() {
			attributes = append(attributes, describeAttribute(a, p))
		}
	}
	return object{}.add("schemas", texts([]string{scim.SchemaSchema})).
		text("id", s.ID).text("name", s.Name).text("description", s.Description).
		add("attributes", scim.ArrayValue(attributes...)).
		add("meta", meta("Schema", "/Schemas/"+s.ID)).value()
}

func describeAttribute(a *schema.Attribute, p scim.Profile) scim.Value {
	o := object{}.text("name", a.Name).text("type", string(a.Type)).flag("multiValued", a.MultiValued).
		text("description", a.Description).flag("required", a.Required).add("canonicalValues", texts(a.CanonicalValues))
	if a.IsString() {
		o = o.flag("caseExact", a.CaseExact)
	}
	uniqueness := schema.NotUnique
	if a.Unique(p) {
		uniqueness = a.Uniqueness
	}
	o = o.text("mutability", string(a.Mutability)).text("returned", string(a.Returned)).text("uniqueness", string(uniqueness)).
		add("referenceTypes", texts(a.ReferenceTypes))
	if a.IsComplex() {
		subs := make([]scim.Value, len(a.Sub))
		for i, sub := range a.Sub {
			subs[i] = describeAttribute(sub, p)
		}
		o = o.add("subAttributes", scim.ArrayValue(subs...))
	}
	return o.value()
}

// profileSchema is our addition to ServiceProviderConfig: the name of the profile
// of an account whose clients are not treated as those of others.
const profileSchema = "urn:roster:params:scim:schemas:extension:profile:1.0:ServiceProviderConfig"

// serviceProviderConfig is the resource of RFC 7643 section 5.
func serviceProviderConfig(types []*schema.ResourceType, p scim.Profile, l scim.Limits) scim.Value {
	supported := func(is bool) object { return object{}.flag("supported", is) }
	schemas, profile := []string{scim.SchemaServiceProviderConfig}, scim.Value{}
	if p != scim.DefaultProfile() {
		schemas = append(schemas, profileSchema)
		profile = object{}.text("name", p.Name).value()
	}
	return object{}.add("schemas", texts(schemas)).add(profileSchema, profile).
		add("patch", supported(true).value()).
		add("bulk", supported(true).add("maxOperations", scim.IntValue(l.BulkOps)).add("maxPayloadSize", scim.IntValue(l.BulkBody)).value()).
		add("filter", supported(true).add("maxResults", scim.IntValue(l.MaxPageSize)).value()).
		add("changePassword", supported(true).value()).
		add("sort", supported(true).value()).
		add("etag", supported(true).value()).
		add("pagination", object{}.flag("cursor", true).flag("index", true).text("defaultPaginationMethod", "index").
			add("defaultPageSize", scim.IntValue(l.PageSize)).add("maxPageSize", scim.IntValue(l.MaxPageSize)).
			add("cursorTimeout", scim.IntValue(int(provider.CursorTimeout.Seconds()))).value()).
		add("RolesAndEntitlements", rolesAndEntitlements(types, p)).
		add("authenticationSchemes", authenticationSchemes()).
		add("meta", meta("ServiceProviderConfig", "/ServiceProviderConfig")).value()
}

// authenticationSchemes lists the ways in that all accounts have.
func authenticationSchemes() scim.Value {
	scheme := func(kind, name, description, spec string) object {
		return object{}.text("type", kind).text("name", name).text("description", description).text("specUri", "https://www.rfc-editor.org/info/"+spec)
	}
	return scim.ArrayValue(
		scheme("oauthbearertoken", "OAuth Bearer Token",
			"A token of the account, or an access token of an issuer that it trusts, sent as Authorization: Bearer", "rfc6750").flag("primary", true).value(),
		scheme("httpbasic", "HTTP Basic",
			"The same token, sent as the password; the user name is ignored", "rfc7617").value(),
		scheme("oauth2", "OAuth 2.0 client credentials",
			"An access token that the server issues to a client for its secret or assertion, sent as a bearer token; /.well-known/oauth-authorization-server names the token endpoint", "rfc6749").value(),
	)
}

// rolesAndEntitlements tells which catalogues there are of what users can be
// given, as draft-ietf-scim-roles-entitlements asks. Without any it is null, and so
// it is for clients that do not read catalogues by that draft: those that hold the
// document to RFC 7643 section 5 refuse what is not in it.
func rolesAndEntitlements(types []*schema.ResourceType, p scim.Profile) scim.Value {
	serves := func(name string) bool {
		return slices.ContainsFunc(types, func(rt *schema.ResourceType) bool { return rt.Name == name })
	}
	describe := func(name, many string) scim.Value {
		return object{}.flag("supported", serves(name)).flag(many, true).flag("primarySupported", true).flag("typeSupported", true).value()
	}
	if !p.OktaGrants || !serves("Role") && !serves("Entitlement") {
		return scim.Value{}
	}
	return object{}.
		add("roles", describe("Role", "multipleRolesSupported")).
		add("entitlements", describe("Entitlement", "multipleEntitlementsSupported")).value()
}
