/// For a document that is written over many calls, as messages come in, where no closure lasts as long as an object does.
extension JSONWriter {
  /// An object or array that is open.
  public struct Level: Sendable {
    fileprivate let depth: Int
  }

  public mutating func openObject() -> Level {
    open(UInt8(ascii: "{"), end: UInt8(ascii: "}"))
    return Level(depth: levels.count)
  }

  public mutating func openObject(_ name: Name) -> Level {
    write(name)
    return openObject()
  }

  public mutating func openArray(_ name: Name) -> Level {
    write(name)
    open(UInt8(ascii: "["), end: UInt8(ascii: "]"))
    return Level(depth: levels.count)
  }

  /// Closes a level, where it is open, with all that is still open in it, and forgets it.
  public mutating func close(_ level: inout Level?) {
    guard let open = level else { return }
    while levels.count >= open.depth { close() }
    level = nil
  }
}
