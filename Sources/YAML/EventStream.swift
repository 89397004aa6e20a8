internal import Base
internal import CYAML

/// What the parser met, in document order.
enum YAMLEvent {
  case scalar(String, quoted: Bool)
  case listStart, listEnd
  case mapStart, mapEnd
  case documentStart, documentEnd
  case streamStart, streamEnd
  case alias(String)
}

/// Owns one libyaml parser and a copy of the text it reads.
@safe struct EventStream: ~Copyable {
  private let source: [UInt8]
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>
  private let name: String

  init(_ bytes: [UInt8], name: String) {
    (self.name, source) = (name, bytes)
    unsafe text = .allocate(capacity: bytes.count)
    _ = unsafe text.initialize(from: bytes)
    unsafe parser = .allocate(capacity: 1)
    unsafe precondition(yaml_parser_initialize(parser) == 1, "libyaml found no memory for a parser")
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The next event and where it begins; anchors and tags are refused here.
  func next() throws(Fault) -> (event: YAMLEvent, place: YAMLPlace) {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw refusal() }
    defer { unsafe yaml_event_delete(&event) }
    let place = unsafe YAMLPlace(event.start_mark)
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      try unsafe refuse(anchor: scalar.anchor, tag: scalar.tag, at: place)
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let quoted = unsafe scalar.style != YAML_PLAIN_SCALAR_STYLE
      return unsafe (.scalar(String(decoding: bytes, as: UTF8.self), quoted: quoted), place)
    case YAML_SEQUENCE_START_EVENT:
      let list = unsafe event.data.sequence_start
      try unsafe refuse(anchor: list.anchor, tag: list.tag, at: place)
      return (.listStart, place)
    case YAML_MAPPING_START_EVENT:
      let map = unsafe event.data.mapping_start
      try unsafe refuse(anchor: map.anchor, tag: map.tag, at: place)
      return (.mapStart, place)
    case YAML_ALIAS_EVENT: return unsafe (.alias(Self.string(event.data.alias.anchor) ?? ""), place)
    case YAML_SEQUENCE_END_EVENT: return (.listEnd, place)
    case YAML_MAPPING_END_EVENT: return (.mapEnd, place)
    case YAML_DOCUMENT_START_EVENT: return (.documentStart, place)
    case YAML_DOCUMENT_END_EVENT: return (.documentEnd, place)
    case YAML_STREAM_START_EVENT: return (.streamStart, place)
    default: return (.streamEnd, place)
    }
  }

  private func refuse(
    anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, at place: YAMLPlace
  ) throws(Fault) {
    if let anchor = unsafe Self.string(anchor) {
      throw fault(name, place, "the anchor '&\(anchor)' is not allowed here: write the value out")
    }
    if let tag = unsafe Self.string(tag) {
      throw fault(name, place, "the tag '\(tag)' is not allowed here: take it away")
    }
  }

  /// What libyaml says it stumbled over, in front of its place.
  private func refusal() -> Fault {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "unknown problem"
    let context = unsafe parser.pointee.context.map {
      unsafe "\(String(cString: $0)) (from line \(parser.pointee.context_mark.line + 1))"
    }
    if unsafe parser.pointee.error == YAML_READER_ERROR {
      let offset = unsafe parser.pointee.problem_offset
      return Fault(.badInput, "\(name): not text in UTF-8: \(problem) at byte \(offset)", cause: problem)
    }
    let place = unsafe YAMLPlace(parser.pointee.problem_mark)
    let cause = [problem, context].compactMap { $0 }.joined(separator: ", ")
    if problem == "found character that cannot start any token", character(at: place) == UInt8(ascii: "\t") {
      return fault(name, place, "a tab stands where the line is indented: use spaces", cause: cause)
    }
    if problem == "mapping values are not allowed in this context" {
      return fault(name, place, "a ':' stands where none can be: put quotes around a text that has one", cause: cause)
    }
    return fault(name, place, "not well-formed YAML: \(cause)", cause: cause)
  }

  /// The byte at a place of a line that is plain ASCII up to there.
  private func character(at place: YAMLPlace) -> UInt8? {
    let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.indices.contains(place.line - 1) else { return nil }
    return lines[place.line - 1].dropFirst(place.column - 1).first
  }

  private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let text = unsafe text else { return nil }
    return unsafe String(cString: text)
  }
}

extension YAMLPlace {
  fileprivate init(_ mark: yaml_mark_t) { self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }
}
