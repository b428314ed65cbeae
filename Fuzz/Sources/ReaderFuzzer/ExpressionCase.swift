internal import CallFrameInfo

/// Registers and memory whose values depend on their number and address; some cannot be read.
struct Machine: EvaluationContext {
  let cfa: UInt64?

  func register(_ number: UInt16) -> UInt64? { number < 20 ? 0x7000 + UInt64(number) &* 0x0101_0101 : nil }

  func memory(at address: UInt64, size: Int) -> UInt64? {
    require((1...8).contains(size), "memory is read in 1 to 8 bytes")
    if address % 7 == 6 { return nil }
    let value = address &* 0x9e37_79b9_7f4a_7c15
    return size == 8 ? value : value & ((1 << (8 * UInt64(size))) - 1)
  }
}

/// Evaluates bytes as an expression, as one for a CFA and as one for a register, and puts it into words.
func evaluate(_ bytes: [UInt8]) {
  let section = CallFrameSection(.ehFrame, source: "case", bytes: bytes, address: 0x1000)
  let block = ExpressionBlock(offset: 0, count: bytes.count)
  let words = CallFrameWords(section)
  for (initial, context) in [([], Machine(cfa: nil)), ([0x7ff0], Machine(cfa: 0x7ff0))] as [([UInt64], Machine)] {
    do throws(CallFrameError) {
      _ = try ExpressionEvaluator.evaluate(block, in: section, initial: initial, context: context)
    } catch {
      require(error.offset <= bytes.count, "an error is inside the expression")
      require(error.description.hasPrefix("case: .eh_frame+0x"), "an error has its place")
    }
    require(!words.describe(expression: block, ofRegister: !initial.isEmpty).isEmpty, "an expression has words")
  }
  var reader = OperationReader(block, in: section)
  while let operation = try? reader.next() {
    require(operation.offset < bytes.count, "an operation is inside the expression")
  }
}
