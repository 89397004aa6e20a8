internal import Base
internal import Execution
internal import Isolation
internal import MediaProcess
internal import Predictions

extension StreamLook {
  func beside(_ own: LoadedPipeline) -> FrameShadows {
    FrameShadows(stream.beside(own), reader) { [bell = stream.bell] in bell.ring() }
  }
}

/// The other versions that a stream's pictures are shown to as well, once its own have answered; used by the stream's thread alone.
final class FrameShadows {
  private let versions: [ShadowPipeline]
  private let reader: LiveReader
  private let ring: @Sendable () -> Void
  /// By version; made for pictures of a size.
  private var shadows: [FrameShadow?]
  private var heard: [FrameInference.Answered] = []

  /// `ring` is called once there is an answer.
  init(_ versions: [ShadowPipeline], _ reader: LiveReader, ring: @escaping @Sendable () -> Void) {
    (self.versions, self.reader, self.ring) = (versions, reader, ring)
    shadows = versions.map { _ in nil }
  }

  /// A picture that the stream's own networks have answered about; nothing is asked before ``poll()``.
  func hear(_ answered: FrameInference.Answered) { if !versions.isEmpty { heard.append(answered) } }

  private func offer(_ answered: FrameInference.Answered) {
    for (place, version) in versions.enumerated() {
      let steps = version.steps.subtracting(answered.passedOver)
      guard !steps.isEmpty else { continue }
      let size = answered.frame.size
      if shadows[place].map({ $0.isSpent || $0.size != size }) ?? true {
        shadows[place] = FrameShadow(version, size: size, reader, ring: ring)
      }
      shadows[place]?.offer(answered, steps)
    }
  }

  /// Takes what was answered, and asks about what was heard.
  func poll() {
    for shadow in shadows { shadow?.poll() }
    for answered in heard { offer(answered) }
    heard.removeAll()
  }
}

/// Asks another version about single pictures of a stream, one at a time.
private final class FrameShadow {
  let size: Size
  private let shadow: ShadowPipeline
  private let reader: LiveReader
  private let execution: PipelineExecution
  /// The picture that is asked about, and what the stream's own networks said to it.
  private var asked: (index: Int, mine: [Prediction], steps: Set<Int>)?
  private var broken: UInt64?
  /// It broke, long enough ago to be tried again by another one.
  var isSpent: Bool { broken.map { Clock.now > $0 + Self.patience } ?? false }

  /// Nanoseconds that an answer may take which nobody waits for.
  private static let patience: UInt64 = 5_000_000_000

  init(_ shadow: ShadowPipeline, size: Size, _ reader: LiveReader, ring: @escaping @Sendable () -> Void) {
    (self.shadow, self.size, self.reader) = (shadow, size, reader)
    var options = PipelineExecution.Options()
    options.source = "shadow"
    options.share = { (count) throws(Fault) in try reader.makeBuffer(byteCount: count) }
    options.frameDeadline = { _ in Clock.now + Self.patience }
    options.onAnswer = ring
    let lost = Lost()
    options.onSkip = { frame, why in lost.picture = (frame.index, why) }
    self.lost = lost
    execution = PipelineExecution(shadow.pipeline, size: size, options: options)
  }

  /// The picture that has no answer.
  private final class Lost { var picture: (index: Int, why: InferenceFailure)? }
  private let lost: Lost

  /// Takes a picture, where it is drawn and there is room.
  func offer(_ answered: FrameInference.Answered, _ steps: Set<Int>) {
    guard broken == nil, shadow.draws(answered.frame.index) else { return }
    guard asked == nil, !shadow.isBusy() else { return shadow.lost(true) }
    asked = (answered.frame.index, answered.predictions, steps)
    do throws(InferenceFailure) { try execution.add(answered.frame) } catch { fail(error) }
  }

  func poll() {
    guard broken == nil, let asked else { return }
    do throws(InferenceFailure) {
      while let done = try execution.next() {
        guard done.frame.index == asked.index else { continue }
        shadow.compared(asked.mine, done.predictions, asked.steps)
        self.asked = nil
      }
    } catch { return fail(error) }
    guard let picture = lost.picture, picture.index == asked.index else { return }
    shadow.lost(isDropped(picture.why))
    (self.asked, lost.picture) = (nil, nil)
  }

  private func fail(_ why: InferenceFailure) {
    if asked != nil { shadow.lost(isDropped(why)) }
    (asked, broken) = (nil, Clock.now)
  }

  /// It is no error of the version's: there was no room for the question, or the source's process is gone, and with it the picture.
  private func isDropped(_ why: InferenceFailure) -> Bool {
    if case .refused = why, why.fault.kind == .exhausted { return true }
    return (try? reader.progress()) == nil
  }
}
