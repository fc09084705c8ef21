//! What everybody may do to their own account: its password and its second factor. Both need the password again, so
//! that a window left open is not enough.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{NewSecondFactorDto, RecoveryCodesDto},
};
use cloister_access::{ChangePassword, ChangeSecondFactor, Policy, SecondFactorPolicy, Target, TotpSecret};
use cloister_domain::{Detail, DetailKey, UserId, code};
use cloister_vault::{AccountKind, LockedVault, PasswordRule, SecondFactor, VaultError};
use qrcodegen::{QrCode, QrCodeEcc};
use secrecy::SecretString;
use serde::Deserialize;

/// A new password for oneself. Needs no administrator and changes no key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeOwnPassword {
    user: UserId,
    password: SecretString,
    new_password: SecretString,
}

impl Command for ChangeOwnPassword {
    const NAME: &'static str = "change_password";
    type Needs = ChangePassword;
    type Output = ();

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, ChangePassword>) -> Result<(), AppError> {
        let app = cx.app;
        let vault = app.vault()?;
        if vault.account(self.user).is_some_and(|a| a.kind == AccountKind::Directory) {
            return Err(AppError::DirectoryAccount);
        }
        let policy = Policy::from_document(vault.policy())?;
        let rule = PasswordRule { min_length: policy.minimum_password_length as usize };
        let new = rule.check(&self.new_password, cx.open.session.name()).map_err(VaultError::from)?;
        app.change_slot(&cx.open.session.actor(), |noted| {
            vault.change_password(self.user, &self.password, &new, app.clock(), app.entropy(), noted)
        })
    }
}

/// A secret for a device, with its picture. Kept nowhere: it comes back with the code that proves it arrived.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSecondFactor {
    user: UserId,
}

impl Command for NewSecondFactor {
    const NAME: &'static str = "new_second_factor";
    type Needs = ChangeSecondFactor;
    type Output = NewSecondFactorDto;

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, ChangeSecondFactor>) -> Result<NewSecondFactorDto, AppError> {
        let secret = TotpSecret::random(cx.app.entropy())?;
        let uri = secret.uri(cx.open.session.name());
        let qr = QrCode::encode_text(&uri, QrCodeEcc::Medium).map_err(|_| AppError::Internal("the QR code"))?;
        let size = qr.size();
        let row = |y| (0..size).map(|x| if qr.get_module(x, y) { '1' } else { '0' }).collect();
        cx.record(DetailKey::Reason, Detail::Code(code!("offered")));
        Ok(NewSecondFactorDto {
            secret: secret.base32().to_string(),
            uri: uri.to_string(),
            qr: (0..size).map(row).collect(),
        })
    }
}

/// Puts the secret into the slot, once a code shows that the device has it. Replaces the one before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrolSecondFactor {
    user: UserId,
    password: SecretString,
    secret: SecretString,
    code: String,
}

impl Command for EnrolSecondFactor {
    const NAME: &'static str = "enrol_second_factor";
    type Needs = ChangeSecondFactor;
    type Output = RecoveryCodesDto;

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, ChangeSecondFactor>) -> Result<RecoveryCodesDto, AppError> {
        let secret = TotpSecret::parse(&self.secret).ok_or(AppError::WrongCode)?;
        if secret.step_of(&self.code, cx.app.clock().now().as_millis()).is_none() {
            return Err(AppError::WrongCode);
        }
        let (factor, codes) = secret.enrol(cx.app.entropy())?;
        put(cx, &cx.app.vault()?, self.user, &self.password, factor)?;
        cx.record(DetailKey::Method, Detail::Code(code!("totp")));
        cx.record(DetailKey::Reason, Detail::Code(code!("enrolled")));
        Ok(RecoveryCodesDto { codes: codes.iter().map(|c| c.to_string()).collect() })
    }
}

/// Takes the second factor away, where the policy leaves the choice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveSecondFactor {
    user: UserId,
    password: SecretString,
}

impl Command for RemoveSecondFactor {
    const NAME: &'static str = "remove_second_factor";
    type Needs = ChangeSecondFactor;
    type Output = ();

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, ChangeSecondFactor>) -> Result<(), AppError> {
        let vault = cx.app.vault()?;
        if Policy::from_document(vault.policy())?.second_factor == SecondFactorPolicy::Required {
            return Err(AppError::SecondFactorRequired);
        }
        put(cx, &vault, self.user, &self.password, SecondFactor::default())?;
        cx.record(DetailKey::Reason, Detail::Code(code!("removed")));
        Ok(())
    }
}

fn put(
    cx: &Context<'_, ChangeSecondFactor>,
    vault: &LockedVault,
    user: UserId,
    password: &SecretString,
    factor: SecondFactor,
) -> Result<(), AppError> {
    let app = cx.app;
    app.change_slot(&cx.open.session.actor(), |noted| {
        vault.set_second_factor(user, password, factor, app.clock(), app.entropy(), noted)
    })
}
