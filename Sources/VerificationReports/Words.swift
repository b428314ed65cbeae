internal import FiberInspection

/// A number with its noun: "1 FDE", "3,713 FDEs".
func number(_ count: Int, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

/// Digits by thousands.
func grouped(_ number: Int) -> String {
  let digits = String(number)
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.utf8.count - index) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// "99.8%": rounded down, so that 100% is all of them.
func percentage(_ part: Int, of whole: Int) -> String {
  guard whole > 0 else { return "0%" }
  if part == whole { return "100%" }
  let thousandths = part.multipliedFullWidth(by: 1000)
  let tenths = whole.dividingFullWidth(thousandths).quotient
  return "\(tenths / 10).\(tenths % 10)%"
}

/// A path relative to a directory that it lies in; another as it is.
func shortened(_ path: String, _ directory: String?) -> String {
  guard let directory, path.hasPrefix(directory + "/") else { return path }
  return String(path.dropFirst(directory.utf8.count + 1))
}

/// "0x4c6e1".
func hexadecimal(_ address: UInt64) -> String { "0x" + String(address, radix: 16) }

/// Printable, with a capital letter and a full stop.
func sentence(_ text: String) -> String {
  let text = text.escapedForTerminal
  return text.prefix(1).uppercased() + text.dropFirst() + "."
}
