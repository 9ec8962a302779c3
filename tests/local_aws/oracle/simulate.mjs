// Answers questions about IAM policies with an engine that nobody here wrote: a JSON object a line in, one a line out.
//
// In:  {principal, identity: [policy], boundary: policy | null, resources: {name: policy},
//       questions: [{action, resource, owner, policy: name | null, context: {key: text | [text]}}]}
// Out: [verdict]: "Allowed", "ImplicitlyDenied", "ExplicitlyDenied", or "error: why" for what is no request of AWS.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const named = (policies) => policies.map((policy, index) => ({ name: `policy ${index}`, policy }))

async function answer(asked, question) {
  const found = await runSimulation(
    {
      request: {
        principal: asked.principal,
        action: question.action,
        resource: { resource: question.resource, accountId: question.owner },
        contextVariables: question.context
      },
      identityPolicies: named(asked.identity),
      permissionBoundaryPolicies: asked.boundary ? named([asked.boundary]) : undefined,
      resourcePolicy: question.policy ? asked.resources[question.policy] : undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: []
    },
    { simulationMode: 'Strict' }
  )
  if (found.resultType === 'single') return found.overallResult
  if (found.resultType === 'wildcard') return 'error: not one resource'
  const { message, ...details } = found.errors
  return `error: ${message}${message === 'policy.errors' ? ` ${JSON.stringify(details)}` : ''}`
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  const verdicts = []
  for (const question of asked.questions) verdicts.push(await answer(asked, question))
  process.stdout.write(`${JSON.stringify(verdicts)}\n`)
}
