internal import Base

/// A graph's input as it stands in its file: name, type of numbers, and the messages of its sides.
struct ONNXPort {
  private(set) var name = ""
  private var element = 1
  private(set) var sides: [[UInt8]] = []
  /// A picture's channels come last.
  private var hasChannelsLast = false

  init(_ file: FileWindow, _ range: Range<Int>) throws(Damaged) {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() {
      guard let range = field.bytes else { continue }
      if field.number == 1 { name = try file.text(range, limit: 1 << 12) }
      if field.number == 2, let tensor = try Self.message(1, file, range) { try read(tensor, file) }
    }
  }

  private mutating func read(_ tensor: Range<Int>, _ file: FileWindow) throws(Damaged) {
    var fields = ProtobufFields(file, tensor)
    while let field = try fields.next() {
      if field.number == 1, let number = field.integer { element = Int(clamping: number) }
      guard field.number == 2, let shape = field.bytes else { continue }
      var fields = ProtobufFields(file, shape)
      while let side = try fields.next() {
        guard side.number == 1, let range = side.bytes else { continue }
        sides.append(try file.bytes(range, limit: 1 << 12))
        hasChannelsLast = [1, 3].contains(try Self.length(file, range))
      }
    }
  }

  /// Of a side; `nil` where it has a name in place of a number.
  private static func length(_ file: FileWindow, _ side: Range<Int>) throws(Damaged) -> UInt64? {
    var fields = ProtobufFields(file, side)
    while let field = try fields.next() { if field.number == 1, let length = field.integer { return length } }
    return nil
  }

  private static func message(
    _ wanted: Int, _ file: FileWindow, _ range: Range<Int>
  ) throws(Damaged) -> Range<Int>? {
    var fields = ProtobufFields(file, range)
    while let field = try fields.next() { if field.number == wanted, let range = field.bytes { return range } }
    return nil
  }

  /// With other sides of the picture: those behind the one that is the channel's, or before it where that comes last.
  func sized(_ size: Size?) -> ONNXPort {
    guard let size, sides.count == 4 else { return self }
    var port = self
    let first = hasChannelsLast ? 1 : 2
    for (place, side) in [(first, size.height), (first + 1, size.width)] {
      var writer = ProtobufWriter()
      writer.number(1, side)
      port.sides[place] = writer.bytes
    }
    return port
  }

  var bytes: [UInt8] {
    var port = ProtobufWriter()
    port.text(1, name)
    port.message(2) { type in
      type.message(1) { tensor in
        tensor.number(1, element)
        tensor.message(2) { shape in for side in sides { shape.bytes(1, side) } }
      }
    }
    return port.bytes
  }
}
