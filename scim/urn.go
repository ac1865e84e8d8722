package scim

// URNs of the schemas and messages that the server speaks (RFC 7643 section 10,
// RFC 7644 section 10).
const (
	SchemaUser           = "urn:ietf:params:scim:schemas:core:2.0:User"
	SchemaGroup          = "urn:ietf:params:scim:schemas:core:2.0:Group"
	SchemaEnterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

	SchemaSchema                = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	SchemaResourceType          = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	SchemaServiceProviderConfig = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

	MessageError         = "urn:ietf:params:scim:api:messages:2.0:Error"
	MessageListResponse  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	MessagePatchOp       = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	MessageBulkRequest   = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	MessageBulkResponse  = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
	MessageSearchRequest = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
)

// MediaType of requests and responses (RFC 7644 section 3.8).
const MediaType = "application/scim+json"
