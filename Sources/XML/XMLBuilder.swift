internal import Base
internal import CExpat

/// Builds the tree from expat's events, and keeps the limits; for one document.
final class XMLBuilder {
  private let limits: XMLElement.Limits
  private var open: [XMLElement] = []
  private var root: XMLElement?
  private var count = 0
  private var refusal: Fault?

  init(_ limits: XMLElement.Limits) { self.limits = limits }

  func build(_ bytes: [UInt8]) throws(Fault) -> XMLElement {
    // expat's lengths have 32 bits.
    guard bytes.count <= min(limits.byteCount, Int(Int32.max)) else {
      throw Fault(.badInput, "a document of XML has \(bytes.count) bytes, \(limits.byteCount) are read")
    }
    guard let parser = unsafe XML_ParserCreate(nil) else { throw .noMemory(to: "read a document of XML") }
    defer { unsafe XML_ParserFree(parser) }
    // The callbacks run inside `XML_Parse`, which this outlives, so it is not retained for them.
    unsafe XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    unsafe XML_SetElementHandler(parser, beginElement, endElement)
    unsafe XML_SetCharacterDataHandler(parser, takeText)
    unsafe XML_SetStartDoctypeDeclHandler(parser, beginDocumentType)
    let status = unsafe bytes.withUnsafeBytes { block in
      unsafe XML_Parse(parser, block.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(block.count), 1)
    }
    if let refusal { throw refusal }
    guard status == XML_STATUS_OK, let root else {
      let reason = unsafe XML_ErrorString(XML_GetErrorCode(parser)).map { unsafe String(cString: $0) }
      let line = unsafe XML_GetCurrentLineNumber(parser)
      throw Fault(.badInput, "a document of XML is not well formed in its line \(line)", cause: reason)
    }
    return root
  }

  fileprivate func begin(_ name: String) {
    count += 1
    if count > limits.elementCount { refuse("it has more than \(limits.elementCount) elements") }
    if open.count >= limits.depth { refuse("it is nested deeper than \(limits.depth) elements") }
    guard refusal == nil else { return }
    open.append(XMLElement(name.split(separator: ":").last.map(String.init) ?? name))
  }

  fileprivate func end() {
    guard refusal == nil, let element = open.popLast() else { return }
    if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
  }

  fileprivate func take(_ text: String) {
    guard refusal == nil, !open.isEmpty else { return }
    open[open.count - 1].text += text
  }

  /// What comes after the first refusal is read and forgotten: a document is small.
  fileprivate func refuse(_ reason: String) {
    refusal = refusal ?? Fault(.badInput, "a document of XML is refused: \(reason)")
  }
}

private func builder(_ context: UnsafeMutableRawPointer?) -> XMLBuilder? {
  guard let context = unsafe context else { return nil }
  return unsafe Unmanaged<XMLBuilder>.fromOpaque(context).takeUnretainedValue()
}

/// Called by expat on the thread that parses, at every start of an element.
@c private func beginElement(
  _ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?,
  _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) {
  guard let name = unsafe name else { return }
  unsafe builder(context)?.begin(String(cString: name))
}

/// Called by expat on the thread that parses, at every end of an element.
@c private func endElement(_ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?) {
  unsafe builder(context)?.end()
}

/// Called by expat on the thread that parses, for a part of a text, which is never cut inside a letter.
@c private func takeText(_ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<CChar>?, _ count: CInt) {
  let text = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  unsafe builder(context)?.take(text)
}

/// Called by expat on the thread that parses, before anything that a document type declares: entities could grow without an end.
@c private func beginDocumentType(
  _ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ system: UnsafePointer<CChar>?,
  _ publicName: UnsafePointer<CChar>?, _ hasInner: CInt
) {
  unsafe builder(context)?.refuse("it declares a document type")
}
