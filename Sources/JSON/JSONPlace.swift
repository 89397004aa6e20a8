extension JSONValue {
  /// Where the value stands, as a path from the root: `inputs[0].shape[1]`; the document's name for the root itself.
  ///
  /// Found by walking down from the root, which takes as long as the arrays on the way are.
  public var place: String {
    var path = ""
    var current = document.root
    while current.index < index {
      guard let (step, value) = current.child(around: index) else { break }
      path += path.isEmpty && step.hasPrefix(".") ? String(step.dropFirst()) : step
      current = value
    }
    return path.isEmpty ? document.name : path
  }

  /// The child that a place of the tape lies in, and how a path names it.
  private func child(around place: Int) -> (step: String, value: JSONValue)? {
    switch kind {
    case .array:
      for (number, value) in JSONElements(self).enumerated() where place < document.end(of: value.index) {
        return ("[\(number)]", value)
      }
    case .object:
      for (key, value) in JSONMembers(self) where place < document.end(of: value.index) {
        return (Self.step(key), value)
      }
    default: break
    }
    return nil
  }

  private static func step(_ key: String) -> String {
    let isPlain = !key.isEmpty && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"\"'\\[].".utf8.contains($0) }
    return isPlain && key.utf8.count <= 60 ? ".\(key)" : "[\"\(short(key))\"]"
  }
}
