internal import Base
internal import Inference
internal import Isolation
internal import ModelProcess

/// What a watchdog does for a version: giving up what hangs or crashed, and making it anew.
extension ServedVersion {
  /// Why it is not started again any more, where it is not.
  var refusal: Fault? { state.update { $0.refusal } }

  /// Of its own process, where it has one.
  package var processID: Int32? { state.update { $0.apart }?.processID }

  /// Called now and then: drops what is late, and replaces an engine that does not come back.
  func check(now: UInt64) {
    units?.check(now: now)
    let (unit, apart, isDue) = state.update { state in
      let isDue =
        state.unit == nil && state.refusal == nil && now >= state.backoff.retry && !state.isStarting && !state.isResting
      if isDue { state.isStarting = true }
      return (state.unit, state.apart, isDue)
    }
    if let unit, let failure = apart?.ending {
      leave(crashed: unit, failure, now)
    } else if let unit, unit.check(now: now) {
      replace(unit, now)
    }
    if loader.memory != nil { checkWaiting(now: now) }
    // One more copy takes memory that nobody counts.
    if let unit, apart == nil, loader.memory == nil, unit.takeLowLatencyWish() {
      apartFromOthers { $0.addLowLatencyCopy() }
    }
    if isDue { apartFromOthers { $0.restart() } }
  }

  /// What may hang has a thread of its own.
  private func apartFromOthers(_ body: @escaping @Sendable (ServedVersion) -> Void) {
    NativeThread { [weak self] in
      if let self { body(self) }
    }.leave()
  }

  /// Makes the copy that works on one input with all cores.
  private func addLowLatencyCopy() {
    guard let network = try? loader.loadLowLatency(ending), let unit = state.update({ $0.unit }) else { return }
    try? unit.add(lowLatency: network)
  }

  /// Gives up a unit whose engine hangs.
  func replace(_ unit: InferenceUnit, _ now: UInt64) {
    let apart = state.update { $0.unit === unit ? $0.apart : nil }
    guard giveUp(unit, now) else { return }
    if let apart {
      // Then its thread comes back.
      apart.kill()
    } else {
      // The engine still writes to its memory: it is never freed.
      _ = Unmanaged.passRetained(unit)
      AbandonedThreads.add()
    }
    unit.abandon(Fault(.unavailable, "the inference did not come back in time; the model is being started again"))
  }

  /// Gives up a unit whose own process is gone; after some crashes for good.
  private func leave(crashed unit: InferenceUnit, _ failure: IsolatedNetwork.Failure, _ now: UInt64) {
    guard giveUp(unit, now) else { return }
    if failure.isCrash { CrashJournal.recordCrash(of: loader.name) }
    noteRefusal()
    unit.abandon(failure.fault)
    warn("\(model) \(version): \(failure.fault.message)\(refusal == nil ? "; it is started again" : "")")
  }

  private func giveUp(_ unit: InferenceUnit, _ now: UInt64) -> Bool {
    state.update { state in
      guard state.unit === unit else { return false }
      (state.unit, state.apart, state.place) = (nil, nil, nil)
      state.backoff.failed(now: now, answered: metrics.count(.success))
      return true
    }
  }

  /// Whether it crashed too often.
  func noteRefusal() {
    do throws(Fault) { try loader.refuseCrashed() } catch {
      state.update { $0.refusal = error }
    }
  }

  private func restart() {
    let answered = metrics.count(.success)
    do throws(Fault) {
      let loaded = try loader.load(try loader.examine(), ending)
      let unit = try Self.unit(loaded.network, loader, metrics)
      state.update { state in
        (state.unit, state.apart, state.isStarting) = (unit, loaded.network.apart, false)
        (state.place, state.loaded) = (loaded.turn?.place, Clock.now)
        state.backoff.began(now: Clock.now, answered: answered)
      }
      if let turn = loaded.turn {
        unit.waitUntilGrown()
        do throws(Fault) {
          try turn.settle(by: loaded.network.apart == nil ? loaded.network.runtime : nil)
        } catch { failed(error) }
      }
    } catch {
      state.update { state in
        state.isStarting = false
        state.backoff.failed(now: Clock.now, answered: answered)
      }
      noteRefusal()
    }
  }
}
