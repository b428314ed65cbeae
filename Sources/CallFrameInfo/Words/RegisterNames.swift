/// x86-64's registers by DWARF number (System V psABI, figure 3.36).
public enum RegisterNames {
  /// The name of a register: "rbp" for 6, "rip" for the return address 16, "xmm0" for 17; "reg57" for one without.
  public static func name(_ register: UInt16) -> String {
    let number = Int(register)
    if number < general.count { return general[number] }
    switch register {
    case 17...32: return "xmm\(number - 17)"
    case 33...40: return "st\(number - 33)"
    case 41...48: return "mm\(number - 41)"
    case 49...66: return named[number - 49] ?? "reg\(number)"
    case 67...82: return "xmm\(number - 51)"
    case 118...125: return "k\(number - 118)"
    case 126...129: return "bnd\(number - 126)"
    default: return "reg\(number)"
    }
  }

  private static let general = [
    "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip",
  ]

  /// From 49 on.
  private static let named: [String?] = [
    "rflags", "es", "cs", "ss", "ds", "fs", "gs", nil, nil, "fs.base", "gs.base", nil, nil, "tr", "ldtr", "mxcsr",
    "fcw", "fsw",
  ]
}
