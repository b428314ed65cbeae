import CallFrameInfo

/// Registers and memory made up from numbers: the same for the same seed, nowhere zero.
struct MadeUpContext: EvaluationContext {
  var seed: UInt64
  var cfa: UInt64?

  private func mixed(_ value: UInt64) -> UInt64 {
    var value = (value &+ seed) &* 0x9e37_79b9_7f4a_7c15
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  func register(_ number: UInt16) -> UInt64? { mixed(UInt64(number)) }

  func memory(at address: UInt64, size: Int) -> UInt64? {
    let value = mixed(address &* 31)
    return size == 8 ? value : value & ((1 << (8 * UInt64(size))) - 1)
  }
}

/// An evaluator of what libdw decodes, written apart from ours and as simple as can be: the operations that real call
/// frame information has, no others.
enum LibdwEvaluator {
  /// Nil for an operation that it does not have, or too few values.
  static func evaluate(_ operations: [LibdwOperation], _ context: MadeUpContext) -> UInt64? {
    var stack: [UInt64] = []
    for operation in operations {
      let atom = operation.atom
      switch atom {
      case 0x30...0x4f: stack.append(UInt64(atom) - 0x30)
      case 0x70...0x8f: stack.append((context.register(UInt16(atom) - 0x70) ?? 0) &+ operation.number)
      case 0x92: stack.append((context.register(UInt16(operation.number)) ?? 0) &+ operation.number2)
      case 0x08...0x11: stack.append(operation.number)
      case 0x9c: stack.append(context.cfa ?? 0)
      case 0x9f, 0x96: break
      case 0x06, 0x23:
        guard let value = stack.popLast() else { return nil }
        stack.append(atom == 0x06 ? context.memory(at: value, size: 8) ?? 0 : value &+ operation.number)
      case 0x1a, 0x1c, 0x1e, 0x21, 0x22, 0x24, 0x25, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e:
        guard let second = stack.popLast(), let first = stack.popLast() else { return nil }
        let (left, right) = (Int64(bitPattern: first), Int64(bitPattern: second))
        switch atom {
        case 0x1a: stack.append(first & second)
        case 0x1c: stack.append(first &- second)
        case 0x1e: stack.append(first &* second)
        case 0x21: stack.append(first | second)
        case 0x22: stack.append(first &+ second)
        case 0x24: stack.append(second > 63 ? 0 : first &<< second)
        case 0x25: stack.append(second > 63 ? 0 : first &>> second)
        case 0x29: stack.append(left == right ? 1 : 0)
        case 0x2a: stack.append(left >= right ? 1 : 0)
        case 0x2b: stack.append(left > right ? 1 : 0)
        case 0x2c: stack.append(left <= right ? 1 : 0)
        case 0x2d: stack.append(left < right ? 1 : 0)
        default: stack.append(left != right ? 1 : 0)
        }
      default: return nil
      }
    }
    return stack.last
  }
}
