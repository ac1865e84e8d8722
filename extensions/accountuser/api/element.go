package api

import (
	"roster/extensions/accountuser/model"
	"roster/scim"
)

// Elements of a user, from their SCIM values.

func address(v scim.Value) Address {
	return Address{Value: text(v, "value"), Type: text(v, "type"), Primary: v.Get("primary").Bool()}
}

func postal(v scim.Value) Postal {
	return Postal{
		Formatted: text(v, "formatted"), StreetAddress: text(v, "streetAddress"), Locality: text(v, "locality"),
		Region: text(v, "region"), PostalCode: text(v, "postalCode"), Country: text(v, "country"),
		Type: text(v, "type"), Primary: v.Get("primary").Bool(),
	}
}

func employee(v scim.Value) Employee {
	manager := v.Get("manager")
	return Employee{
		EmployeeNumber: text(v, "employeeNumber"), Department: text(v, "department"), Division: text(v, "division"),
		CostCenter: text(v, "costCenter"), Organization: text(v, "organization"),
		Manager: Manager{UserID: text(manager, "value"), DisplayName: text(manager, "displayName")},
	}
}

func authFactor(v scim.Value) AuthFactor {
	return AuthFactor{ID: text(v, "value"), Type: text(v, "type"), State: text(v, "state"), Display: text(v, "display")}
}

func idpLink(v scim.Value) IdPLink {
	return IdPLink{
		IdPID: text(v, "value"), Display: text(v, "display"), Type: text(v, "type"),
		ExternalUserID: text(v, "externalUserId"), ExternalUserName: text(v, "externalUserName"),
	}
}

func credential(v scim.Value) Credential {
	return Credential{ID: text(v, "value"), Type: text(v, "type"), ExpiresAt: text(v, "expiresAt")}
}

func userOrgUnit(v scim.Value) UserOrgUnit {
	return UserOrgUnit{ID: text(v, "value"), Name: text(v, "display"), Roles: texts(v.Get("roles"))}
}

func grant(v scim.Value) Grant {
	return Grant{Value: text(v, "value"), Display: text(v, "display"), Type: text(v, "type")}
}

func groupSummary(v scim.Value) GroupSummary {
	return GroupSummary{ID: text(v, "value"), DisplayName: text(v, "display"), Type: text(v, "type")}
}

func invitationView(v scim.Value) InvitationView {
	return InvitationView{Status: text(v, "status"), ExpiresAt: text(v, "expiresAt"), SentAt: text(v, "sentAt")}
}

// machineView is zero for a human user.
func machineView(v model.View) MachineView {
	if !v.IsMachine() {
		return MachineView{}
	}
	m := v.A("machine")
	view := MachineView{Description: text(m, "description"), AccessTokenType: text(m, "accessTokenType"), HasSecret: m.Get("hasSecret").Bool()}
	if view.AccessTokenType == "" {
		view.AccessTokenType = "bearer"
	}
	return view
}
