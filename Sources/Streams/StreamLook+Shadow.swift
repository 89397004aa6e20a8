internal import Base
internal import Execution
internal import MediaProcess
internal import Predictions

/// Asks another version about single pictures of a stream, one at a time; used by the stream's thread alone.
final class FrameShadow {
  private let shadow: ShadowPipeline
  private let execution: PipelineExecution
  private var picture: (index: Int, mine: [Prediction]?, theirs: [Prediction]?)?
  private var broken: UInt64?
  private var isBroken: Bool { broken != nil }
  /// It broke, long enough ago to be tried again by another one.
  var isSpent: Bool { broken.map { Clock.now > $0 + Self.patience } ?? false }

  /// Nanoseconds that an answer may take which nobody waits for.
  private static let patience: UInt64 = 5_000_000_000

  /// For pictures of the size; `ring` is called once there is an answer.
  init(_ shadow: ShadowPipeline, size: Size, _ reader: LiveReader, ring: @escaping @Sendable () -> Void) {
    self.shadow = shadow
    var options = PipelineExecution.Options()
    options.source = "shadow"
    options.share = { (count) throws(Fault) in try reader.makeBuffer(byteCount: count) }
    options.frameDeadline = { _ in Clock.now + Self.patience }
    options.onAnswer = ring
    let lost = Lost()
    options.onSkip = { frame, _ in lost.index = frame.index }
    self.lost = lost
    execution = PipelineExecution(shadow.pipeline, size: size, options: options)
  }

  /// The picture that has no answer.
  private final class Lost { var index: Int? }
  private let lost: Lost

  /// Takes a picture, where it is drawn and there is room.
  func offer(_ frame: RemoteFrame) {
    guard !isBroken, shadow.draws(frame.index) else { return }
    guard picture == nil, !shadow.isBusy() else { return shadow.lost(true) }
    picture = (frame.index, nil, nil)
    do throws(InferenceFailure) { try execution.add(.remote(frame)) } catch { fail() }
  }

  /// What the stream's own version found in a picture; `nil` where it was not answered in time.
  func told(_ index: Int, _ predictions: [Prediction]?) {
    guard picture?.index == index else { return }
    guard let predictions else {
      shadow.lost(true)
      // What comes of it is of no use, and must not be taken for the next one's.
      picture = (index, [], nil)
      isVoid = true
      return
    }
    picture?.mine = predictions
    settle()
  }
  private var isVoid = false

  /// Takes what was answered.
  func poll() {
    guard !isBroken, picture != nil else { return }
    do throws(InferenceFailure) {
      while let done = try execution.next() {
        if done.frame.index == picture?.index { picture?.theirs = done.predictions }
      }
    } catch { return fail() }
    if let index = lost.index, index == picture?.index {
      if !isVoid { shadow.lost(false) }
      (picture, isVoid, lost.index) = (nil, false, nil)
    }
    settle()
  }

  private func settle() {
    guard let picture, let mine = picture.mine, let theirs = picture.theirs else { return }
    if !isVoid { shadow.compared(mine, theirs) }
    (self.picture, isVoid) = (nil, false)
  }

  private func fail() {
    if picture != nil, !isVoid { shadow.lost(false) }
    (picture, broken) = (nil, Clock.now)
  }
}
