/** The ids of an approval card's buttons, whoever draws it. The value is the approval's id. */
export const APPROVAL_ACTIONS = { approve: 'approval.approve', reject: 'approval.reject' } as const;
