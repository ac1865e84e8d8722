package schema

import (
	"github.com/elimity-com/scim/optional"
	elimity "github.com/elimity-com/scim/schema"
)

// The library hides its characteristics behind functions.
var (
	mutabilities = map[Mutability]func() elimity.AttributeMutability{
		ReadWrite: elimity.AttributeMutabilityReadWrite,
		ReadOnly:  elimity.AttributeMutabilityReadOnly,
		Immutable: elimity.AttributeMutabilityImmutable,
		WriteOnly: elimity.AttributeMutabilityWriteOnly,
	}
	returneds = map[Returned]func() elimity.AttributeReturned{
		Always:  elimity.AttributeReturnedAlways,
		Never:   elimity.AttributeReturnedNever,
		Default: elimity.AttributeReturnedDefault,
		Request: elimity.AttributeReturnedRequest,
	}
	uniquenesses = map[Uniqueness]func() elimity.AttributeUniqueness{
		NotUnique:    elimity.AttributeUniquenessNone,
		ServerUnique: elimity.AttributeUniquenessServer,
		GlobalUnique: elimity.AttributeUniquenessGlobal,
	}
)

// simple states a simple attribute in the library's terms. Each kind takes only
// the characteristics that it can have.
func (st *attributeStatement) simple() elimity.SimpleParams {
	description := optional.NewString(st.Description)
	mutability, returned, uniqueness := mutabilities[st.Mutability](), returneds[st.Returned](), uniquenesses[st.Uniqueness]()
	switch st.Type {
	case BooleanType:
		return elimity.SimpleBooleanParams(elimity.BooleanParams{Name: st.Name, Description: description,
			MultiValued: st.MultiValued, Required: st.Required, Mutability: mutability, Returned: returned})
	case DecimalType, IntegerType:
		number := elimity.AttributeTypeDecimal()
		if st.Type == IntegerType {
			number = elimity.AttributeTypeInteger()
		}
		return elimity.SimpleNumberParams(elimity.NumberParams{Name: st.Name, Description: description, Type: number,
			MultiValued: st.MultiValued, Required: st.Required, Mutability: mutability, Returned: returned, Uniqueness: uniqueness})
	case DateTimeType:
		return elimity.SimpleDateTimeParams(elimity.DateTimeParams{Name: st.Name, Description: description,
			MultiValued: st.MultiValued, Required: st.Required, Mutability: mutability, Returned: returned})
	case BinaryType:
		return elimity.SimpleBinaryParams(elimity.BinaryParams{Name: st.Name, Description: description,
			MultiValued: st.MultiValued, Required: st.Required, Mutability: mutability, Returned: returned})
	case ReferenceType:
		var types []elimity.AttributeReferenceType
		for _, t := range st.ReferenceTypes {
			types = append(types, elimity.AttributeReferenceType(t))
		}
		return elimity.SimpleReferenceParams(elimity.ReferenceParams{Name: st.Name, Description: description, ReferenceTypes: types,
			MultiValued: st.MultiValued, Required: st.Required, Mutability: mutability, Returned: returned, Uniqueness: uniqueness})
	}
	return elimity.SimpleStringParams(elimity.StringParams{Name: st.Name, Description: description,
		MultiValued: st.MultiValued, Required: st.Required, CaseExact: st.CaseExact, CanonicalValues: st.CanonicalValues,
		Mutability: mutability, Returned: returned, Uniqueness: uniqueness})
}
