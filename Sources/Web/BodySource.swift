public import Base

/// Where the bytes of a long answer come from, such as a file: what ``Response/init(_:headers:source:range:)`` names.
///
/// It is read part by part, of at most 128 KiB, while the client takes them, on threads that may block, one part at a time and in
/// order. About 1 MiB at most is in memory.
public protocol BodySource: Sendable {
  /// Does not change while it is an answer's.
  var byteCount: Int { get }

  /// Exactly the bytes of `range`, which lies within `byteCount`.
  ///
  /// Where it throws, or gives too few, the answer is cut off so that its client sees that it is not whole.
  func read(_ range: Range<Int>) throws(Fault) -> [UInt8]
}

/// A part of a source, as the body of an answer.
struct SourceBody: Sendable {
  let source: any BodySource
  let range: Range<Int>
}

/// Reads an answer's body from its source, ahead of what the client takes by what its flow lets wait.
final class SourcePump: Sendable {
  private static let partSize = 128 << 10

  private let body: SourceBody
  private let flow: Flow
  private let threads: BodyThreads

  init(_ body: SourceBody, into flow: Flow, on threads: BodyThreads) {
    (self.body, self.flow, self.threads) = (body, flow, threads)
  }

  func start() { read(from: body.range.lowerBound) }

  private func read(from place: Int) {
    threads.run { [self] in
      guard !flow.isGone else { return }
      let part = place..<min(place + Self.partSize, body.range.upperBound)
      do throws(Fault) {
        let bytes = try body.source.read(part)
        guard bytes.count == part.count else {
          throw Fault(.bug, "a source gave \(bytes.count) bytes where \(part.count) were asked for, at \(place)")
        }
        pass(bytes, upTo: part.upperBound)
      } catch { flow.fail(error) }
    }
  }

  private func pass(_ bytes: [UInt8], upTo place: Int) {
    guard place < body.range.upperBound else {
      flow.put(bytes) { _ in }
      return flow.end(.whole)
    }
    flow.put(bytes) { [self] isThere in if isThere { read(from: place) } }
  }
}
