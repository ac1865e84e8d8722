package grants

import (
	"context"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// Entitlement is what a user is entitled to, directly or through groups.
type Entitlement struct {
	ID      string  `json:"id"`
	Value   string  `json:"value"`
	Display string  `json:"display,omitzero"`
	Type    string  `json:"type" enum:"admin,service"`
	Roles   []Named `json:"roles" doc:"Roles that it gives where it is good for"`
	Scope   Named   `json:"scope,omitzero" doc:"Where the roles are good for"`
	Service Service `json:"service,omitzero" doc:"The service that it is for"`
	Via     []Via   `json:"via" doc:"What it comes through"`
}

// Named is a role or a scope of an entitlement.
type Named struct {
	ID          string `json:"id,omitzero"`
	Name        string `json:"name,omitzero"`
	DisplayName string `json:"displayName,omitzero"`
}

// Service is a service that an entitlement is for.
type Service struct {
	ID              string `json:"id,omitzero"`
	ServiceName     string `json:"serviceName,omitzero"`
	CloudName       string `json:"cloudName,omitzero"`
	CloudDomainName string `json:"cloudDomainName,omitzero"`
	OrgName         string `json:"orgName,omitzero"`
	OrgID           string `json:"orgId,omitzero"`
}

// Via is what an entitlement comes through.
type Via struct {
	Type    string `json:"type" enum:"direct,group"`
	ID      string `json:"id,omitzero" doc:"Of the group"`
	Display string `json:"display,omitzero" doc:"Name of the group"`
}

// AdminEntitlements lists a user's effective entitlements of type admin, by
// value.
func (a *Access) AdminEntitlements(ctx context.Context, c provider.Call, id string) ([]Entitlement, error) {
	return a.entitlements(ctx, c, id, "admin")
}

// ServiceEntitlements is AdminEntitlements for the type service.
func (a *Access) ServiceEntitlements(ctx context.Context, c provider.Call, id string) ([]Entitlement, error) {
	return a.entitlements(ctx, c, id, "service")
}

func (a *Access) entitlements(ctx context.Context, c provider.Call, id, kind string) (list []Entitlement, err error) {
	list = []Entitlement{}
	err = a.read(ctx, c, id, func(s storage.Snapshot, d *storage.Document) error {
		all, err := effectiveOf(ctx, s, c, entitlements, d)
		for _, h := range all {
			if schema.Fold(h.resource().Get("type").Text()) == kind {
				list = append(list, h.describe(kind))
			}
		}
		return err
	})
	return list, err
}

func (h *held) describe(kind string) Entitlement {
	r := h.resource()
	extra := r.Get(model.EntitlementExtraURN)
	e := Entitlement{
		ID: h.ID, Value: r.Get("value").Text(), Display: r.Get("display").Text(), Type: kind,
		Roles: []Named{}, Scope: named(extra.Get("scope")), Service: service(extra.Get("service")),
	}
	for _, role := range extra.Get("roles").Elements() {
		e.Roles = append(e.Roles, named(role))
	}
	if h.own {
		e.Via = append(e.Via, Via{Type: "direct"})
	}
	for _, g := range h.via {
		e.Via = append(e.Via, Via{"group", g.ID, g.resource().Get("displayName").Text()})
	}
	return e
}

func named(v scim.Value) Named {
	return Named{v.Get("id").Text(), v.Get("name").Text(), v.Get("displayName").Text()}
}

func service(v scim.Value) Service {
	return Service{
		ID: v.Get("id").Text(), ServiceName: v.Get("serviceName").Text(),
		CloudName: v.Get("cloudName").Text(), CloudDomainName: v.Get("cloudDomainName").Text(),
		OrgName: v.Get("orgName").Text(), OrgID: v.Get("orgId").Text(),
	}
}
