import TestKit
import Testing

@testable import Ingest

struct NoiseTests {
  private func packet(_ channel: UInt8, _ number: UInt8) -> [UInt8] {
    [0x24, channel, 0, 14, 0x80, 96, 0, number] + [UInt8](repeating: 0x24, count: 10)
  }

  /// What is told apart of bytes that come in parts of so many.
  private func parts(of bytes: [UInt8], step: Int, channels: Set<UInt8>? = [0, 1]) -> [RTSPStream.Part] {
    var (stream, parts) = (RTSPStream(), [RTSPStream.Part]())
    stream.channels = channels
    for start in stride(from: 0, to: bytes.count, by: step) {
      stream.add(Array(bytes[start..<min(bytes.count, start + step)]).span)
      while parts.last != .nonsense, let part = stream.next() { parts.append(part) }
    }
    return parts
  }

  @Test("What stands between packets and is none costs nothing but itself", arguments: [1, 5, 64, 10_000])
  func noise(step: Int) {
    let noises: [[UInt8]] = [
      [0xA0, 0xB1, 0xC2, 0xD3], [0x24], [0x24, 0, 0xFF, 0xFF, 1], Array("RTSP is no word".utf8), [0x24, 9, 0, 3, 0x80],
      Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8), [10, 13, 0, 10], Array("RTSP/2.0 x\r\n\r\n".utf8),
    ]
    var bytes: [UInt8] = []
    for (number, noise) in noises.enumerated() { bytes += packet(0, UInt8(number)) + noise + packet(1, UInt8(number)) }
    // Somebody has to come last.
    bytes += RTSPMessage(.answer(status: 200, phrase: "OK"), headers: [("CSeq", "9")]).bytes
    for _ in 0..<2 { bytes += packet(0, 99) }
    let found = parts(of: bytes, step: step)
    var (numbers, messages) = ([UInt8](), 0)
    for part in found {
      switch part {
      case .packet(let channel, let packet): if channel < 2 { numbers.append(packet[3]) }
      case .message: messages += 1
      case .nonsense: Issue.record("nonsense")
      }
    }
    let sent: [UInt8] = (0..<UInt8(noises.count)).flatMap { [$0, $0] } + [99, 99]
    #expect(numbers == sent && messages == 1, "\(found)")
  }

  @Test("What never becomes RTSP again is nonsense in the end; packets of other channels are none")
  func endless() {
    #expect(parts(of: [UInt8](repeating: 7, count: 300_000), step: 4096).last == .nonsense)
    let strange = parts(of: packet(4, 9) + packet(0, 1) + packet(0, 2), step: 3)
    #expect(strange.first == .packet(channel: 4, Array(packet(4, 9).dropFirst(4))) && strange.count == 3)
    // Before channels are known nothing is passed over.
    #expect(parts(of: [0xA0, 10, 10] + packet(0, 1), step: 100, channels: nil) == [.nonsense])
  }

  @Test("Whatever comes, telling it apart goes on")
  func anything() {
    var random = SeededRandom(7)
    for _ in 0..<300 {
      let letters: [UInt8] = [0x24, 0, 1, 0x80, 0x52, 0x54, 0x53, 0x50, 0x2F, 0x31, 0x2E, 0x20, 10, 13, 0xFF]
      let bytes = (0..<400).map { _ in letters.randomElement(using: &random) ?? 0 }
      _ = parts(of: bytes, step: 50)
    }
  }
}
