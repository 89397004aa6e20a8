/// One figure that is watched.
private struct Alarm {
  var name: String
  var about: String
  var namespace: String
  var metric: String
  /// `Name: value`, the value an expression of CloudFormation.
  var dimension: YAMLText
  var statistic = "Sum"
  /// Above it for so many periods of five minutes.
  var threshold: Int
  var periods = 1
}

extension AWSFiles {
  /// What somebody should look at; a figure that nobody sends is no alarm.
  var alarms: YAMLText {
    var all = [
      Alarm(
        name: "TaskErrors", about: "many tasks end with an error; 'ridley job show JOB --failed' says of what",
        namespace: "AWS/Lambda", metric: "Errors", dimension: "{ Name: FunctionName, Value: !Ref TaskFunction }",
        threshold: 20, periods: 3),
      Alarm(
        name: "TaskSlow", about: "a task came near the 900 seconds that Lambda gives it",
        namespace: "AWS/Lambda", metric: "Duration", dimension: "{ Name: FunctionName, Value: !Ref TaskFunction }",
        statistic: "Maximum", threshold: 840_000),
      Alarm(
        name: "TaskThrottles",
        about: "the account has no more functions at a time: fewer items at once, or a higher quota",
        namespace: "AWS/Lambda", metric: "Throttles", dimension: "{ Name: FunctionName, Value: !Ref TaskFunction }",
        threshold: 0, periods: 3),
      Alarm(
        name: "JobsFailed", about: "the state machine itself failed, which no item that fails makes it do",
        namespace: "AWS/States", metric: "ExecutionsFailed",
        dimension: "{ Name: StateMachineArn, Value: !Ref JobMachine }",
        threshold: 0),
      Alarm(
        name: "ApiErrors", about: "requests of POST /v1/analyses and the like end with 5xx",
        namespace: "AWS/ApiGateway", metric: "5xx", dimension: "{ Name: ApiId, Value: !Ref Api }", threshold: 0,
        periods: 2),
    ]
    if table != nil {
      all.append(
        Alarm(
          name: "TableThrottles", about: "the library's table refuses writes for a while: fewer items at once",
          namespace: "AWS/DynamoDB", metric: "WriteThrottleEvents",
          dimension: "{ Name: TableName, Value: !Ref LibraryTable }",
          threshold: 0, periods: 3))
    }
    return all.reduce("") { $0 + text($1) }
  }

  private func text(_ alarm: Alarm) -> YAMLText {
    """
      \(alarm.name):
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmDescription: \(quoted: alarm.about)
          Namespace: \(alarm.namespace)
          MetricName: \(alarm.metric)
          Dimensions: [
    """ + alarm.dimension + """
      ]
            Statistic: \(alarm.statistic)
            Period: 300
            EvaluationPeriods: \(alarm.periods)
            ComparisonOperator: GreaterThanThreshold
            Threshold: \(alarm.threshold)
            TreatMissingData: notBreaching
            AlarmActions: !If [HasTopic, [!Ref AlarmTopic], []]


      """
  }

  var outputs: YAMLText {
    """
    Outputs: # what examples/aws/start.py is given, and where requests go
      Machine:
        Value: !Ref JobMachine
      Bucket:
        Value: !Ref ItemsBucket
      Address:
        Value: !Sub https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}

    """
  }
}
