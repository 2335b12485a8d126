export const WHO_AM_I = 'query WhoAmI { viewer { name } }';

export const MAKE_ACCOUNT = `mutation MakeAccount($input: UserInviteInput!) {
  userInvite(input: $input) { link userErrors { message field } }
}`;

export const PASSWORD_CHANGE = `mutation PasswordChange($currentPassword: String!, $newPassword: String!) {
  passwordChange(currentPassword: $currentPassword, newPassword: $newPassword) { userErrors { message field } }
}`;
