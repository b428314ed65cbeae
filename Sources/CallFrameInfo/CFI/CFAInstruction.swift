/// One instruction of a CIE or FDE (DWARF 5, §6.4.2 and §7.24), its operands as they are in the file: factored offsets
/// not yet multiplied by the data alignment, advances not yet by the code alignment.
public enum CFAInstruction: Sendable, Hashable {
  /// DW_CFA_nop, 0x00: padding.
  case nop
  /// DW_CFA_set_loc, 0x01: the address of the next row.
  case setLocation(UInt64)
  /// DW_CFA_advance_loc, 0x40 + delta.
  case advanceLocation(delta: UInt8)
  /// DW_CFA_advance_loc1, 0x02.
  case advanceLocation1(delta: UInt8)
  /// DW_CFA_advance_loc2, 0x03.
  case advanceLocation2(delta: UInt16)
  /// DW_CFA_advance_loc4, 0x04.
  case advanceLocation4(delta: UInt32)
  /// DW_CFA_MIPS_advance_loc8, 0x1d.
  case mipsAdvanceLocation8(delta: UInt64)
  /// DW_CFA_offset, 0x80 + register.
  case offset(register: UInt16, factored: UInt64)
  /// DW_CFA_offset_extended, 0x05.
  case offsetExtended(register: UInt16, factored: UInt64)
  /// DW_CFA_offset_extended_sf, 0x11.
  case offsetExtendedSigned(register: UInt16, factored: Int64)
  /// DW_CFA_GNU_negative_offset_extended, 0x2f: saved at CFA − factored × data alignment.
  case gnuNegativeOffsetExtended(register: UInt16, factored: UInt64)
  /// DW_CFA_val_offset, 0x14.
  case valueOffset(register: UInt16, factored: UInt64)
  /// DW_CFA_val_offset_sf, 0x15.
  case valueOffsetSigned(register: UInt16, factored: Int64)
  /// DW_CFA_restore, 0xc0 + register.
  case restore(register: UInt16)
  /// DW_CFA_restore_extended, 0x06.
  case restoreExtended(register: UInt16)
  /// DW_CFA_undefined, 0x07.
  case undefined(register: UInt16)
  /// DW_CFA_same_value, 0x08.
  case sameValue(register: UInt16)
  /// DW_CFA_register, 0x09: `register` is in `source`.
  case register(register: UInt16, source: UInt16)
  /// DW_CFA_remember_state, 0x0a.
  case rememberState
  /// DW_CFA_restore_state, 0x0b.
  case restoreState
  /// DW_CFA_def_cfa, 0x0c.
  case defineCFA(register: UInt16, offset: UInt64)
  /// DW_CFA_def_cfa_sf, 0x12.
  case defineCFASigned(register: UInt16, factored: Int64)
  /// DW_CFA_def_cfa_register, 0x0d.
  case defineCFARegister(register: UInt16)
  /// DW_CFA_def_cfa_offset, 0x0e.
  case defineCFAOffset(offset: UInt64)
  /// DW_CFA_def_cfa_offset_sf, 0x13.
  case defineCFAOffsetSigned(factored: Int64)
  /// DW_CFA_def_cfa_expression, 0x0f.
  case defineCFAExpression(ExpressionBlock)
  /// DW_CFA_expression, 0x10.
  case expression(register: UInt16, ExpressionBlock)
  /// DW_CFA_val_expression, 0x16.
  case valueExpression(register: UInt16, ExpressionBlock)
  /// DW_CFA_AARCH64_negate_ra_state_with_pc, 0x2c.
  case aarch64NegateReturnAddressStateWithPC
  /// 0x2d: DW_CFA_GNU_window_save on SPARC, DW_CFA_AARCH64_negate_ra_state on AArch64.
  case gnuWindowSave
  /// DW_CFA_GNU_args_size, 0x2e.
  case gnuArgumentsSize(UInt64)
}

extension CFAInstruction {
  /// Its name without "DW_CFA_", as `readelf` prints it: "advance_loc1", "GNU_args_size".
  public var name: String {
    switch self {
    case .nop: "nop"
    case .setLocation: "set_loc"
    case .advanceLocation: "advance_loc"
    case .advanceLocation1: "advance_loc1"
    case .advanceLocation2: "advance_loc2"
    case .advanceLocation4: "advance_loc4"
    case .mipsAdvanceLocation8: "MIPS_advance_loc8"
    case .offset: "offset"
    case .offsetExtended: "offset_extended"
    case .offsetExtendedSigned: "offset_extended_sf"
    case .gnuNegativeOffsetExtended: "GNU_negative_offset_extended"
    case .valueOffset: "val_offset"
    case .valueOffsetSigned: "val_offset_sf"
    case .restore: "restore"
    case .restoreExtended: "restore_extended"
    case .undefined: "undefined"
    case .sameValue: "same_value"
    case .register: "register"
    case .rememberState: "remember_state"
    case .restoreState: "restore_state"
    case .defineCFA: "def_cfa"
    case .defineCFASigned: "def_cfa_sf"
    case .defineCFARegister: "def_cfa_register"
    case .defineCFAOffset: "def_cfa_offset"
    case .defineCFAOffsetSigned: "def_cfa_offset_sf"
    case .defineCFAExpression: "def_cfa_expression"
    case .expression: "expression"
    case .valueExpression: "val_expression"
    case .aarch64NegateReturnAddressStateWithPC: "AARCH64_negate_ra_state_with_pc"
    case .gnuWindowSave: "GNU_window_save"
    case .gnuArgumentsSize: "GNU_args_size"
    }
  }
}
