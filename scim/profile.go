package scim

// Profile is an account's set of switches for its clients: where clients, test
// suites and the RFCs disagree, it says what the server does. It is passed by
// value to the pure functions. The zero Profile is the strict one: every
// switch allows something that the RFCs' text does not.
type Profile struct {
	Name string // "default", "strict", or what an account calls its own set

	// CreateFromFilter: a PATCH replace whose value path matches no element
	// creates it from the filter's eq terms, where the path ends in a
	// sub-attribute; else 400 noTarget (RFC 7644 section 3.5.2.3).
	CreateFromFilter bool
	// UnknownReferences: a reference to a resource that does not exist, such as
	// a group member, is stored; else 400 invalidValue.
	UnknownReferences bool
	// DuplicateNames: attributes whose uniqueness the RFCs leave open (a group's
	// displayName) need not be unique.
	DuplicateNames bool
	// StringBooleans: "True" and "false" are accepted for boolean attributes, in
	// bodies and filters.
	StringBooleans bool
	// IgnoreUnknown: unknown attributes are ignored on POST and PUT and as a key
	// of a PATCH value without a path; else 400.
	IgnoreUnknown bool
	// IgnoreUnknownPath: a PATCH path to an unknown attribute does nothing; else
	// 400 invalidPath.
	IgnoreUnknownPath bool
	// LooseNames: a name that no core attribute has is looked up in the
	// extensions, and a dot may stand for the colon behind a URN.
	LooseNames bool
	// LooseSchemas: `schemas` may be missing and may hold unknown URNs.
	LooseSchemas bool
	// PatchWithoutPath: add and replace may leave out the path.
	PatchWithoutPath bool
	// WrapValues: a bare string where a complex value belongs is taken for its
	// `value`, and an object where a list belongs for a list of one.
	WrapValues bool
	// UnknownGrants: roles and entitlements that the server does not know are
	// stored and grant nothing; else 400 invalidValue.
	UnknownGrants bool
	// OktaGrants: roles and entitlements are discovered and answered in the form
	// that Okta Identity Governance reads, with schemas of its own, and stand in
	// ServiceProviderConfig.
	OktaGrants bool
}

// DefaultProfile accepts what Okta, Microsoft Entra ID and others really send.
func DefaultProfile() Profile {
	return Profile{
		Name:             "default",
		CreateFromFilter: true,
		StringBooleans:   true,
		IgnoreUnknown:    true,
		LooseNames:       true,
		LooseSchemas:     true,
		PatchWithoutPath: true,
		WrapValues:       true,
		UnknownGrants:    true,
	}
}

// StrictProfile holds clients to the RFCs' text.
func StrictProfile() Profile { return Profile{Name: "strict"} }

// Limits bound what one request of an account may ask for.
type Limits struct {
	Body           int // bytes of a request body
	PatchOps       int // operations of one PATCH
	PatchMembers   int // values of multi-valued attributes in one PATCH
	BulkBody       int // bytes of a Bulk request
	BulkOps        int // operations of one Bulk request
	Filter         int // bytes of a filter
	FilterDepth    int // nesting of a filter
	Resource       int // bytes of a resource as it is stored
	Elements       int // values of a multi-valued attribute that are stored in the resource
	Checks         int // documents read to decide one query
	PageSize       int // results of a page if the client does not say
	MaxPageSize    int // results of a page at most
	GroupClosure   int // groups of a user that are shown; beyond it only direct ones are
	MembersPerBody int // a PATCH of a larger group answers 204
}

// DefaultLimits are the limits of an account that sets none.
func DefaultLimits() Limits {
	return Limits{
		Body:           1 << 20,
		PatchOps:       1000,
		PatchMembers:   10_000,
		BulkBody:       8 << 20,
		BulkOps:        1000,
		Filter:         8 << 10,
		FilterDepth:    32,
		Resource:       1 << 20,
		Elements:       2000,
		Checks:         50_000,
		PageSize:       100,
		MaxPageSize:    1000,
		GroupClosure:   10_000,
		MembersPerBody: 1000,
	}
}
