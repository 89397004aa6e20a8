public import Base
internal import Crypto

/// The answers about the frames of one part of a video, as a file: what a worker leaves for the merge.
///
/// A mark, then blocks: a head that says of what they are, frames in order, and counts at the end. Each block has a letter, its length
/// and a checksum. Nothing is rounded. Immutable; a file without its last block was not finished.
public enum FrameAnswers {
  static let magic = Array("RIDLEY-ANSWERS-2\n".utf8)
  /// Bytes before a block's own: its letter and its length.
  static let headCount = 9
  /// More than the answers about one frame can take.
  static let longestBlock = 1 << 32

  enum Block: UInt8 {
    case head = 0x48
    case frames = 0x46
    case counts = 0x43
  }

  /// Of what the answers are.
  public struct Head: Sendable, Hashable {
    /// `sha256:…` of the pipeline with its models.
    public var pipeline: String
    /// What names the video and the state of it that was looked at.
    public var source: String
    /// Numbers of the frames of the part, analysed or not.
    public var frames: Range<Int>

    public init(pipeline: String, source: String, frames: Range<Int>) {
      (self.pipeline, self.source, self.frames) = (pipeline, source, frames)
    }
  }

  /// What was counted on the way; there is none of damage, because a part that shows some has no answers.
  public struct Counts: Sendable, Hashable {
    public var framesSampled = 0
    /// Of the packets of this part alone.
    public var framesDecoded = 0
    /// Packets of this part, by their numbers in the video.
    public var packets = 0..<0
    /// Packets that this part and one beside it may both decode, and that this one did.
    public var shared: [Int] = []
    /// Frames that the gate let go.
    public var passedOver = 0
    /// Inputs that each network was given.
    public var jobs: [Int] = []
    /// Seconds of the first frame that was looked at, and of the last one that was gone through.
    public var covered: ClosedRange<Double>?
    /// Wall time spent on this part.
    public var secondsElapsed = 0.0
    public var stages = StageTimes()

    public init() {}
  }
}

extension FrameAnswers.Head {
  func write(into out: inout AnswerBytes) {
    out.put(pipeline)
    out.put(source)
    out.put([frames.lowerBound, frames.upperBound])
  }

  init(_ input: inout AnswerByteReader) throws(Fault) {
    (pipeline, source) = (try input.text(), try input.text())
    frames = try Range(input.numbers())
  }
}

extension FrameAnswers.Counts {
  func write(into out: inout AnswerBytes) {
    for number in [framesSampled, framesDecoded, passedOver] { out.put(number) }
    for list in [[packets.lowerBound, packets.upperBound], shared, jobs] { out.put(list) }
    out.put(covered == nil ? 0 : 1)
    if let covered { for end in [covered.lowerBound, covered.upperBound] { out.put(end) } }
    out.put(secondsElapsed)
    out.put(stages.numbers)
  }

  init(_ input: inout AnswerByteReader) throws(Fault) {
    (framesSampled, framesDecoded, passedOver) = (try input.number(), try input.number(), try input.number())
    packets = try Range(input.numbers())
    (shared, jobs) = (try input.numbers(), try input.numbers())
    if try input.choice([false, true]) {
      let (first, last) = (try input.double(), try input.double())
      guard first <= last else { throw AnswerByteReader.damaged }
      covered = first...last
    }
    secondsElapsed = try input.double()
    guard let stages = StageTimes(numbers: try input.numbers()) else { throw AnswerByteReader.damaged }
    self.stages = stages
    let areCounts = [framesSampled, framesDecoded, passedOver].allSatisfy { $0 >= 0 } && jobs.allSatisfy { $0 >= 0 }
    guard areCounts, secondsElapsed >= 0 else { throw AnswerByteReader.damaged }
  }
}

extension Range<Int> {
  /// Of its two ends.
  fileprivate init(_ ends: [Int]) throws(Fault) {
    guard ends.count == 2, 0 <= ends[0], ends[0] <= ends[1] else { throw AnswerByteReader.damaged }
    self = ends[0]..<ends[1]
  }
}
