/// A line of a backtrace.
struct GdbFrame: Equatable, CustomStringConvertible {
  var level: Int
  /// Its function, or what stands in the function's place: `<signal handler called>`, the name of a boundary.
  var function: String
  /// File and line as "fibers.c:12", without the file's folder; nil where gdb knows none.
  var place: String?
  /// The arguments as gdb prints them, without the parentheses.
  var arguments: String

  init(level: Int, function: String, place: String? = nil, arguments: String = "") {
    self.level = level
    self.function = function
    self.place = place
    self.arguments = arguments
  }

  /// Nil if `line` is none: "#2  0x0000555555555199 in descend (depth=0) at /tmp/fibers.c:12".
  init?(_ line: String) {
    guard let match = line.wholeMatch(of: /#([0-9]+) +(?:0x[0-9a-f]+ in )?(.+)/), let level = Int(match.1) else {
      return nil
    }
    var rest = match.2
    var place: String?
    if let found = rest.firstMatch(of: /\) at (?:[^ ]*\/)?([^\/ ]+:[0-9]+)$/) {
      place = String(found.1)
      rest = rest[..<found.range.lowerBound] + ")"
    } else if let found = rest.firstMatch(of: /\) from [^ ]+$/) {
      rest = rest[..<found.range.lowerBound] + ")"
    }
    var arguments: Substring = ""
    if let found = rest.firstMatch(of: /\ \((.*)\)$/) {
      arguments = found.1
      rest = rest[..<found.range.lowerBound]
    }
    self.init(level: level, function: String(rest), place: place, arguments: String(arguments))
  }

  var description: String { "#\(level) \(function) (\(arguments))" + (place.map { " at \($0)" } ?? "") }
}
