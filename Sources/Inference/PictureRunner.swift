internal import Base

/// Puts layout, mean, scale and type in front of another runtime's network, as ``Preprocessing`` does in OpenVINO's graph.
///
/// A byte has 256 values, so what each becomes in each channel stands in a table: the arithmetic is done once, and is the same on every
/// machine.
@safe
final class PictureRunner: BatchRunner, @unchecked Sendable {  // one thread at a time
  let inputs: [TensorSpec]
  private let network: any BatchRunner
  private let picture: PictureInput
  /// One row of the network's input, and room for a batch of them.
  private let rowCount: Int
  private let memory: AlignedMemory
  private let tables: Tables
  /// By input, those that always get the same numbers.
  private let constants: [SharedBytes?]

  /// What a byte becomes, channel after channel, as wide as the network's elements.
  private enum Tables {
    case one([UInt8])
    case two([UInt16])
    case four([UInt32])
    case eight([UInt64])
  }

  /// - Throws: `unsupported` where the network takes elements that a byte cannot become.
  init(_ network: any BatchRunner, _ picture: PictureInput) throws(Fault) {
    (self.network, self.picture) = (network, picture)
    let input = network.inputs[picture.place]
    let element = input.element
    tables = try Self.tables(picture, element)
    constants = try network.inputs.indices.map { (index) throws(Fault) in
      try picture.constant(index).map { (constant) throws(Fault) in
        SharedBytes(try Self.bytes(constant, network.inputs[index]))
      }
    }
    rowCount = picture.byteCount * element.byteCount
    memory = AlignedMemory(rowCount * network.batch)
    let frames: [Int?] = picture.window.map { [$0.frames] } ?? []
    let sides: [Int?] = [input.shape[0]] + frames + [picture.height, picture.width, picture.channels]
    inputs = [TensorSpec(name: input.name, shape: sides, element: .u8)]
  }

  /// Numbers as an input's type has them.
  private static func bytes(_ constant: PictureInput.Constant, _ input: TensorSpec) throws(Fault) -> [UInt8] {
    func all<Number: BitwiseCopyable>(_ convert: (Double) -> Number) -> [UInt8] {
      constant.values.map(convert).rawBytes
    }
    switch input.element {
    case .f32: return all { Float($0) }
    case .f16: return all { Float16($0) }
    case .f64: return all { $0 }
    case .i32: return all { Int32($0) }
    case .i64: return all { Int64($0) }
    default: throw Fault(.unsupported, "the network's input '\(input.name)' cannot be filled in")
    }
  }

  var outputs: [TensorSpec] { network.outputs }
  var batch: Int { network.batch }

  func run(_ portions: [[SharedBytes]], rows: Int) throws(Fault) -> [BatchOutput] {
    var row = 0
    for portion in portions {
      let bytes = portion[0]
      guard bytes.count % picture.byteCount == 0, row + bytes.count / picture.byteCount <= network.batch else {
        throw Fault(.bug, "a batch of pictures does not fit its network")
      }
      for first in stride(from: 0, to: bytes.count, by: picture.byteCount) {
        unsafe fill(row, UnsafeRawBufferPointer(rebasing: bytes.pointer[first..<first + picture.byteCount]))
        row += 1
      }
    }
    let filled = memory[0..<row * rowCount]
    return try network.run([constants.map { $0 ?? filled }], rows: rows)
  }

  @unsafe
  private func fill(_ row: Int, _ bytes: UnsafeRawBufferPointer) {
    let place = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[row * rowCount..<(row + 1) * rowCount])
    switch tables {
    case .one(let table): unsafe fill(place.bindMemory(to: UInt8.self), bytes, table)
    case .two(let table): unsafe fill(place.bindMemory(to: UInt16.self), bytes, table)
    case .four(let table): unsafe fill(place.bindMemory(to: UInt32.self), bytes, table)
    case .eight(let table): unsafe fill(place.bindMemory(to: UInt64.self), bytes, table)
    }
  }

  @unsafe
  private func fill<Number: BitwiseCopyable>(
    _ place: UnsafeMutableBufferPointer<Number>, _ bytes: UnsafeRawBufferPointer, _ table: [Number]
  ) {
    let (channels, isFirst) = (picture.channels, picture.window.map { $0.channels != .last } ?? picture.channelsFirst)
    // Frames whose channels come together are one tall picture.
    let parts = picture.window.map { $0.channels == .inFrame ? $0.frames : 1 } ?? 1
    let plane = picture.byteCount / channels / parts
    unsafe table.withUnsafeBufferPointer { table in
      for part in 0..<parts {
        let start = part * plane * channels
        for channel in 0..<channels {
          let (own, first, step) = (
            channel << 8, start + (isFirst ? channel * plane : channel), isFirst ? 1 : channels
          )
          for pixel in 0..<plane {
            unsafe place[first + pixel * step] = table[own + Int(bytes[start + pixel * channels + channel])]
          }
        }
      }
    }
  }

  private static func tables(_ picture: PictureInput, _ element: ElementType) throws(Fault) -> Tables {
    let values = (0..<picture.channels).flatMap { channel in (0..<256).map { value(Float($0), picture, channel) } }
    return switch element {
    case .f32: .four(values.map(\.bitPattern))
    case .f16: .two(values.map { Float16($0).bitPattern })
    case .f64: .eight(values.map { Double($0).bitPattern })
    // The engine cuts off what is behind the point, and goes on at the other end where there is no such number.
    case .u8: .one(values.map { UInt8(truncatingIfNeeded: Int($0)) })
    case .i8: .one(values.map { UInt8(bitPattern: Int8(truncatingIfNeeded: Int($0))) })
    case .u16: .two(values.map { UInt16(truncatingIfNeeded: Int($0)) })
    case .i16: .two(values.map { UInt16(bitPattern: Int16(truncatingIfNeeded: Int($0))) })
    case .i32: .four(values.map { UInt32(bitPattern: Int32(truncatingIfNeeded: Int($0))) })
    case .u32: .four(values.map { UInt32(truncatingIfNeeded: Int($0)) })
    case .i64: .eight(values.map { UInt64(bitPattern: Int64($0)) })
    case .u64: .eight(values.map { UInt64(truncatingIfNeeded: Int($0)) })
    case .bf16, .bool, .string:
      throw Fault(
        .unsupported, "the network's input is \(element.rawValue), which no picture can be: run it as tensors")
    }
  }

  private static func value(_ byte: Float, _ picture: PictureInput, _ channel: Int) -> Float {
    let moved = picture.mean.isEmpty ? byte : byte - picture.mean[channel]
    return picture.scale.isEmpty ? moved : moved / picture.scale[channel]
  }
}
