extension Rule {
  /// The rules of lint, in the order of their pages.
  package static let lint: [Rule] = records + addresses + searchTable + programs + expressions + exceptions + coverage
}

// Records: their lengths, links and fields.
extension Rule {
  static let records = [
    recordLength, recordField, ciePointer, cieVersion, cieAugmentation, cieAugmentationUnknown, pointerEncoding,
    cieAddressSize, cieAlignment, returnColumn, terminatorMissing, terminatorEarly,
  ]

  static let recordLength = Rule(
    "record-length", .lint, .error, "the length of a record is reserved or leads out of the section")
  static let recordField = Rule(
    "record-field", .lint, .error, "a field of a record does not fit in it, or holds what it never may")
  static let ciePointer = Rule("cie-pointer", .lint, .error, "an FDE points to a CIE that is not there")
  static let cieVersion = Rule("cie-version", .lint, .error, "a CIE has a version that is none")
  static let cieAugmentation = Rule(
    "cie-augmentation", .lint, .error, "a CIE has an augmentation that unwinders cannot read")
  static let cieAugmentationUnknown = Rule(
    "cie-augmentation-unknown", .lint, .warning, "a CIE's augmentation has a letter that has no meaning on x86-64")
  static let pointerEncoding = Rule(
    "pointer-encoding", .lint, .error, "a pointer is encoded in a way that is undefined or that the file cannot resolve"
  )
  static let cieAddressSize = Rule(
    "cie-address-size", .lint, .error, "a CIE has addresses of other than 8 bytes, or segment selectors")
  static let cieAlignment = Rule("cie-alignment", .lint, .error, "a CIE has an alignment factor of 0")
  static let returnColumn = Rule(
    "return-column", .lint, .error, "a CIE's return address is not in column 16, which is rip's")
  static let terminatorMissing = Rule(
    "terminator-missing", .lint, .warning, "no zero length ends .eh_frame in a linked file")
  static let terminatorEarly = Rule(
    "terminator-early", .lint, .warning, "records follow the zero length that ends .eh_frame")
}

// The addresses of FDEs.
extension Rule {
  static let addresses = [fdeEmpty, fdeDuplicate, fdeOverlap, fdeOutsideCode, fdeDiscarded, relocationsMissing]

  static let fdeEmpty = Rule("fde-empty", .lint, .warning, "an FDE covers no address")
  static let fdeDuplicate = Rule("fde-duplicate", .lint, .error, "two FDEs of a section cover the same addresses")
  static let fdeOverlap = Rule("fde-overlap", .lint, .error, "two FDEs of a section cover some of the same addresses")
  static let fdeOutsideCode = Rule(
    "fde-outside-code", .lint, .error, "an FDE covers addresses that are no code of the file")
  static let fdeDiscarded = Rule(
    "fde-discarded", .lint, .note, "FDEs of .debug_frame are of functions that the linker dropped")
  static let relocationsMissing = Rule(
    "relocations-missing", .lint, .note, "an object file has lost the relocations of its FDEs")
}

// `.eh_frame_hdr`.
extension Rule {
  static let searchTable = [
    searchTableMissing, searchTableSegment, searchTableHeader, searchTableSize, searchTableOrder, searchTableEntry,
    searchTableIncomplete,
  ]

  static let searchTableMissing = Rule(
    "search-table-missing", .lint, .note, "a linked file has .eh_frame but no search table")
  static let searchTableSegment = Rule(
    "search-table-segment", .lint, .error, "no segment leads to .eh_frame_hdr")
  static let searchTableHeader = Rule(
    "search-table-header", .lint, .error, "the header of the search table cannot be read or leads to no .eh_frame")
  static let searchTableSize = Rule(
    "search-table-size", .lint, .error, "the search table says that it has more entries than fit in it")
  static let searchTableOrder = Rule("search-table-order", .lint, .error, "the search table is not sorted")
  static let searchTableEntry = Rule(
    "search-table-entry", .lint, .error, "an entry of the search table does not lead to the FDE of its address")
  static let searchTableIncomplete = Rule(
    "search-table-incomplete", .lint, .error, "the search table has no entry for an FDE")
}

// Instructions of CIEs and FDEs.
extension Rule {
  static let programs = [
    cfaOpcode, cfaOperand, cfaMisplaced, cfaNotDefined, returnAddressRule, returnAddressUndefined,
    restoreWithoutRemember, rememberWithoutRestore, rememberDepth, advancePastEnd, advanceBack, registerOutOfRange,
  ]

  static let cfaOpcode = Rule("cfa-opcode", .lint, .error, "an instruction is none that unwinders of x86-64 know")
  static let cfaOperand = Rule(
    "cfa-operand", .lint, .error, "an operand does not fit in its record, or is too large")
  static let cfaMisplaced = Rule(
    "cfa-misplaced", .lint, .error, "an instruction is not allowed where it stands")
  static let cfaNotDefined = Rule("cfa-not-defined", .lint, .error, "a row has no CFA")
  static let returnAddressRule = Rule(
    "return-address-rule", .lint, .error, "a row has no rule for the return address")
  static let returnAddressUndefined = Rule(
    "return-address-undefined", .lint, .warning, "the return address becomes undefined in the middle of a function")
  static let restoreWithoutRemember = Rule(
    "restore-without-remember", .lint, .error, "DW_CFA_restore_state without a remembered state")
  static let rememberWithoutRestore = Rule(
    "remember-without-restore", .lint, .note, "a remembered state is never restored")
  static let rememberDepth = Rule(
    "remember-depth", .lint, .warning, "more states are remembered at a time than unwinders have to keep")
  static let advancePastEnd = Rule(
    "advance-past-end", .lint, .error, "an instruction advances beyond the addresses of its FDE")
  static let advanceBack = Rule("advance-back", .lint, .error, "DW_CFA_set_loc goes back")
  static let registerOutOfRange = Rule(
    "register-out-of-range", .lint, .error, "a register is none that unwinders keep")
}

// Expressions of CFAs and registers.
extension Rule {
  static let expressions = [
    expressionOperator, expressionForbidden, expressionTruncated, expressionLocation, expressionStack, expressionJump,
    expressionEndless,
  ]

  static let expressionOperator = Rule(
    "expression-operator", .lint, .error, "an expression has an operator that is undefined")
  static let expressionForbidden = Rule(
    "expression-forbidden", .lint, .error, "an expression has an operator that call frame information may not have")
  static let expressionTruncated = Rule(
    "expression-truncated", .lint, .error, "an expression ends inside an operand, or an operand is too large")
  static let expressionLocation = Rule(
    "expression-location", .lint, .error, "an expression names a location where a value is needed")
  static let expressionStack = Rule(
    "expression-stack", .lint, .error, "an expression takes more from its stack than there is, or leaves nothing")
  static let expressionJump = Rule(
    "expression-jump", .lint, .error, "an expression jumps out of itself or into an operand")
  static let expressionEndless = Rule("expression-endless", .lint, .error, "an expression has no way to its end")
}

// What exception handling reads.
extension Rule {
  static let exceptions = [
    personalityOutside, lsdaOutside, lsdaSize, lsdaCallSites, lsdaMissing, lsdaWithoutPersonality,
  ]

  static let personalityOutside = Rule(
    "personality-outside", .lint, .error, "a personality routine is no code of the file")
  static let lsdaOutside = Rule(
    "lsda-outside", .lint, .error, "an LSDA pointer leads to nothing that the file loads")
  static let lsdaSize = Rule(
    "lsda-size", .lint, .error, "an LSDA pointer is smaller than what holds it")
  static let lsdaCallSites = Rule(
    "lsda-call-sites", .lint, .error, "the call sites of an LSDA cannot be read, or lead out of the code")
  static let lsdaMissing = Rule(
    "lsda-missing", .lint, .note, "an FDE has no LSDA, though its CIE says that there is one")
  static let lsdaWithoutPersonality = Rule(
    "lsda-without-personality", .lint, .warning, "an FDE has an LSDA that no personality routine reads")
}

// Code that nothing describes.
extension Rule {
  static let coverage = [codeWithoutFDE]

  static let codeWithoutFDE = Rule("code-without-fde", .lint, .note, "no FDE covers a function")
}
