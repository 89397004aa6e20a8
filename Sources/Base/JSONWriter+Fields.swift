extension JSONWriter {
  /// What a member is called: a literal goes out as it stands, anything else is escaped.
  public enum Name: ExpressibleByStringLiteral {
    case fixed(StaticString)
    case made(String)

    public init(stringLiteral text: StaticString) { self = .fixed(text) }
    public init(_ text: String) { self = .made(text) }
  }

  /// A member that is null where there is no value.
  public mutating func field(_ name: Name, _ text: String?) {
    write(name)
    if let text { string(text) } else { null() }
  }

  public mutating func field(_ name: Name, _ value: Int?) {
    write(name)
    if let value { integer(value) } else { null() }
  }

  public mutating func field(_ name: Name, _ value: Double?, digits: Int = 4) {
    write(name)
    if let value { number(value, digits: digits) } else { null() }
  }

  public mutating func field(_ name: Name, _ value: Bool) {
    write(name)
    bool(value)
  }

  public mutating func field(_ name: Name, _ texts: [String]) {
    write(name)
    strings(texts)
  }

  /// A shape: sides that are not known are null.
  public mutating func field(_ name: Name, _ sides: [Int?]) {
    array(name) { for side in sides { if let side { $0.integer(side) } else { $0.null() } } }
  }

  /// A member that stands there only where there is a value.
  public mutating func field(_ name: Name, ifKnown text: String?) { if let text { field(name, text) } }
  public mutating func field(_ name: Name, ifKnown value: Int?) { if let value { field(name, value) } }
  public mutating func field(_ name: Name, ifKnown value: Double?, digits: Int = 4) {
    if let value { field(name, value, digits: digits) }
  }

  /// A member that was written as a document before, as ``embed(_:)``.
  public mutating func field(_ name: Name, embedding document: [UInt8]) {
    write(name)
    embed(document)
  }

  /// A member whose value the closure writes: one, exactly.
  public mutating func field<E>(_ name: Name, _ value: (inout JSONWriter) throws(E) -> Void) throws(E) {
    write(name)
    try value(&self)
  }

  /// A member that is an object.
  public mutating func object<E>(_ name: Name, _ members: (inout JSONWriter) throws(E) -> Void) throws(E) {
    write(name)
    try object(members)
  }

  /// A member that is an array.
  public mutating func array<E>(_ name: Name, _ elements: (inout JSONWriter) throws(E) -> Void) throws(E) {
    write(name)
    try array(elements)
  }

  public mutating func strings(_ texts: [String]) { array { for text in texts { $0.string(text) } } }

  /// A whole document that is one object.
  public static func object<E>(
    capacity: Int = 4096, _ members: (inout JSONWriter) throws(E) -> Void
  ) throws(E) -> [UInt8] {
    try document(capacity) { (json) throws(E) in try json.object(members) }
  }

  /// A whole document that is one array.
  public static func array<E>(
    capacity: Int = 4096, _ elements: (inout JSONWriter) throws(E) -> Void
  ) throws(E) -> [UInt8] {
    try document(capacity) { (json) throws(E) in try json.array(elements) }
  }

  /// One object and a line feed.
  public static func line(capacity: Int = 4096, _ members: (inout JSONWriter) -> Void) -> [UInt8] {
    document(capacity) { json in
      json.object(members)
      json.newline()
    }
  }

  private static func document<E>(
    _ capacity: Int, _ write: (inout JSONWriter) throws(E) -> Void
  ) throws(E) -> [UInt8] {
    var json = JSONWriter(capacity: capacity)
    try write(&json)
    return json.take()
  }
}
