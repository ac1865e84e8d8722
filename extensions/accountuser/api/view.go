package api

import (
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
	"roster/scim"
)

// Views of a user.
const (
	viewBasic = "basic"
	viewList  = "list"
	viewFull  = "full"
)

// attributesOf lists the SCIM attributes that a view is made of.
func attributesOf(view string) []string {
	account := func(names ...string) []string {
		for i, name := range names {
			names[i] = model.UserURN + ":" + name
		}
		return names
	}
	list := append([]string{"meta", "emails", "roles"}, account("identity", "ssoUser", "invitation")...)
	if view == viewBasic {
		return list
	}
	list = append(list, "userName", "displayName", "name", "active", "phoneNumbers")
	list = append(list, account("kind", "status", "locked", "preferredLoginName", "removedAt")...)
	if view == viewList {
		return list
	}
	list = append(list, "externalId", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone", "profileUrl",
		"addresses", "photos", "entitlements", "groups", scim.SchemaEnterpriseUser)
	return append(list, account("accountId", "source", "gender", "emailVerified", "phoneVerified", "loginNames",
		"passwordSet", "passwordChangeRequired", "mfaSkipUntil", "authFactors", "idpLinks", "credentials",
		"orgUnits", "licences", "machine")...)
}

// userIn shows a user in a view.
func userIn(view string, v model.View) User {
	switch view {
	case viewBasic:
		return User{basicUser(v)}
	case viewList:
		return User{listedUser(v)}
	}
	return User{fullUser(v)}
}

func basicUser(v model.View) BasicUser {
	return BasicUser{
		Identity:         textOrNull(v.A("identity")),
		UserID:           v.ID(),
		EmailAddress:     textOrNull(scim.StringValue(v.Email())),
		Roles:            rest.OrEmpty(v.Roles()),
		InvitationStatus: textOrNull(v.A("invitation").Get("status")),
		IsSSOUser:        v.A("ssoUser").Bool(),
	}
}

func listedUser(v model.View) ListedUser {
	name, meta := v.Get("name"), v.Get("meta")
	kind := v.A("kind").Text()
	if kind == "" {
		kind = model.Human
	}
	return ListedUser{
		BasicUser:          basicUser(v),
		UserName:           text(v.Resource, "userName"),
		DisplayName:        text(v.Resource, "displayName"),
		GivenName:          text(name, "givenName"),
		FamilyName:         text(name, "familyName"),
		Kind:               kind,
		Status:             string(v.Standing()),
		Active:             v.IsActive(),
		Locked:             v.A("locked").Bool(),
		PhoneNumber:        v.Phone(),
		PreferredLoginName: v.A("preferredLoginName").Text(),
		CreatedAt:          text(meta, "created"),
		LastModified:       text(meta, "lastModified"),
		RemovedAt:          v.A("removedAt").Text(),
	}
}

func fullUser(v model.View) FullUser {
	name := v.Get("name")
	return FullUser{
		ListedUser:             listedUser(v),
		AccountID:              v.A("accountId").Text(),
		ExternalID:             text(v.Resource, "externalId"),
		Source:                 v.A("source").Text(),
		Version:                versionOf(v),
		FormattedName:          text(name, "formatted"),
		MiddleName:             text(name, "middleName"),
		HonorificPrefix:        text(name, "honorificPrefix"),
		HonorificSuffix:        text(name, "honorificSuffix"),
		NickName:               text(v.Resource, "nickName"),
		Title:                  text(v.Resource, "title"),
		UserType:               text(v.Resource, "userType"),
		PreferredLanguage:      text(v.Resource, "preferredLanguage"),
		Locale:                 text(v.Resource, "locale"),
		Timezone:               text(v.Resource, "timezone"),
		ProfileURL:             text(v.Resource, "profileUrl"),
		Gender:                 v.A("gender").Text(),
		Emails:                 each(v.Get("emails"), address),
		PhoneNumbers:           each(v.Get("phoneNumbers"), address),
		Addresses:              each(v.Get("addresses"), postal),
		Photos:                 each(v.Get("photos"), address),
		EmailVerified:          v.A("emailVerified").Bool(),
		PhoneVerified:          v.A("phoneVerified").Bool(),
		Employee:               employee(v.Get(scim.SchemaEnterpriseUser)),
		LoginNames:             texts(v.A("loginNames")),
		PasswordSet:            v.A("passwordSet").Bool(),
		PasswordChangeRequired: v.A("passwordChangeRequired").Bool(),
		MFASkipUntil:           textOrNull(v.A("mfaSkipUntil")),
		AuthFactors:            each(v.A("authFactors"), authFactor),
		IdPLinks:               each(v.A("idpLinks"), idpLink),
		Credentials:            each(v.A("credentials"), credential),
		OrgUnits:               each(v.A("orgUnits"), userOrgUnit),
		Entitlements:           each(v.Get("entitlements"), grant),
		Licences:               texts(v.A("licences")),
		Groups:                 each(v.Get("groups"), groupSummary),
		Invitation:             invitationView(v.A("invitation")),
		Machine:                machineView(v),
	}
}

// versionOf is the entity tag of a user.
func versionOf(v model.View) string { return text(v.Get("meta"), "version") }

func text(of scim.Value, name string) string { return of.Get(name).Text() }

// textOrNull returns nil for a value that is null or empty.
func textOrNull(v scim.Value) *string {
	if v.Text() == "" {
		return nil
	}
	s := v.Text()
	return &s
}

// texts returns the strings of a list, never nil.
func texts(list scim.Value) []string { return each(list, scim.Value.Text) }

// each maps the elements of a list, never to nil.
func each[T any](list scim.Value, element func(scim.Value) T) []T {
	all := make([]T, 0, list.Len())
	for _, e := range list.Elements() {
		all = append(all, element(e))
	}
	return all
}
