internal import Base
internal import DynamoDB

/// What takes more than one transaction of the service: it may be begun by one process, and ended by others.
extension DynamoDBClient {
  /// Carries out the transaction that was written down last.
  func finish(_ state: DynamoDBState, _ actions: DynamoDBActions) throws(Fault) {
    let key = DynamoDBLayout.commit(state.number, isRecorded: state.recorded == state.number)
    guard let record = try get(key), let commit = try DynamoDBCommit(record, self)
    else {
      // another has finished it, and its changes are trimmed already
      guard let record = try get(DynamoDBLayout.state), DynamoDBState(record) == state else { return }
      throw Fault(.badInput, "\(address.shown): the library is damaged: restore a backup")
    }
    var done = state
    done.applied = state.number
    _ = try write(
      try actions.all(commit, isFirst: false), of: actions.mostAtOnce, while: state,
      then: .put(done.record, if: state.condition))
  }

  /// Does any number of actions, one transaction of `count` after the other, as long as the table stands where a state says; else it gives `false`.
  ///
  /// They must be such that they may be done twice, and by several at once. `last` is done with the last of them.
  func write(
    _ actions: [DynamoDBAction], of count: Int, while state: DynamoDBState, then last: DynamoDBAction
  ) throws(Fault) -> Bool {
    var (chunk, byteCount) = ([DynamoDBAction](), 0)
    let check = DynamoDBAction.check(DynamoDBLayout.state, if: state.condition)
    for action in actions {
      if chunk.count == count - 1 || byteCount + action.byteCount > DynamoDBAction.mostBytes {
        guard try write(chunk + [check]) else { return false }
        (chunk, byteCount) = ([], 0)
      }
      chunk.append(action)
      byteCount += action.byteCount
    }
    return try write(chunk + [last])
  }
}
