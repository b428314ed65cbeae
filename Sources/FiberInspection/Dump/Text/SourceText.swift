/// Longer paths lose their front.
private let pathWidth = 48

extension SourceLine {
  /// "at path:line". A path in `directory` is given from there; one that is then longer than 48 columns is cut to its last
  /// components.
  func text(from directory: String?) -> String {
    guard path != Self.compilerGenerated else { return "(compiler-generated)" }
    let place = "at " + shortened(path, from: directory).escapedForTerminal
    guard let line else { return place + " (compiler-generated)" }
    return "\(place):\(line)"
  }
}

/// The last components of a path that fit, after ".../"; the last one always.
private func shortened(_ path: String, from directory: String?) -> String {
  if let directory, directory != "/", path.hasPrefix(directory + "/") {
    return shortened(String(path.dropFirst(directory.count + 1)), from: nil)
  }
  guard path.utf8.count > pathWidth else { return path }
  var kept: [Substring] = []
  var width = 3
  for component in path.split(separator: "/").reversed() {
    width += component.utf8.count + 1
    guard kept.isEmpty || width <= pathWidth else { break }
    kept.append(component)
  }
  return ".../" + kept.reversed().joined(separator: "/")
}

/// The last component of a path.
func baseName(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}

extension Location {
  /// "function at path:line", as far as it is known, for running text about a call.
  func sentence(from directory: String?) -> String {
    guard let function = functions.first else {
      return modulePath.map { "\(baseName($0).escapedForTerminal)+\(hexadecimal(moduleOffset &+ 1))" }
        ?? "an address in no module"
    }
    let name = function.name.escapedForTerminal(limit: functionWidthLimit)
    if let source = function.source { return "\(name) \(source.text(from: directory))" }
    return modulePath.map { "\(name) in \(baseName($0).escapedForTerminal)" } ?? name
  }
}

/// Names of functions longer than this lose their middle; the demangled ones of generic code reach thousands.
let functionWidthLimit = 200
